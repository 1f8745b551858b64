package io.ringfence.dataplane.admission;

import static java.util.stream.Collectors.joining;

import io.ringfence.scheduler.CpuLimit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A CPU whose VMs need more than it has: the arithmetic, and the smallest changes to one VM that would make them fit. */
final class Overcommitment {
    private final AdmissionPlan plan;
    private final int cpu;
    private final CpuLimit limit;
    private final List<PlannedWorker> workers;

    Overcommitment(AdmissionPlan plan, int cpu, CpuLimit limit) {
        this.plan = plan;
        this.cpu = cpu;
        this.limit = limit;
        workers = plan.on(cpu);
    }

    /** Returns a sentence, and a line for each VM that a change to it alone would help. */
    String text() {
        String shares = workers.stream()
                .map(worker -> worker.name() + " " + share(worker.reservation().share()))
                .collect(joining(", "));
        double sum = workers.stream()
                .mapToDouble(worker -> worker.reservation().share())
                .sum();
        String sentence = "the VMs of CPU %d need %s of it (%s), %s more than the %s that the kernel admits (%s)"
                .formatted(cpu, share(sum), shares, roundedUp(-left(workers)), share(limit.share()), origin());
        List<String> changes = workers.stream()
                .map(PlannedWorker::vm)
                .distinct()
                .map(this::changes)
                .filter(line -> !line.isEmpty())
                .toList();
        return changes.isEmpty()
                ? sentence + ": no change to one of them alone is enough; lower them all to "
                        + "%.0f %%".formatted(Math.floor(100 * limit.share() / sum))
                        + " of what they are, or add a CPU to host.cpus"
                : sentence + ". Any one of these changes is enough:\n" + String.join("\n", changes);
    }

    private String changes(PlannedVm vm) {
        // A change to a VM is one to all of its workers here.
        long here = workers.stream().filter(worker -> worker.vm().equals(vm)).count();
        List<String> changes = new ArrayList<>(Remedies.toFit(vm, left(withoutWorkersOf(vm, cpu)) / here));
        for (int other : plan.cpus()) {
            double room = plan.limit(other).left(Placement.reservations(withoutWorkersOf(vm, other)));
            // `cpu` is for all of them, wherever they are now.
            if (other != cpu && vm.vm().workers() * vm.reservation().share() <= room) {
                changes.add("`cpu: %d`, which has %s left".formatted(other, share(room)));
            }
        }
        return changes.isEmpty() ? "" : "  " + vm.name() + ": " + String.join(", or ", changes);
    }

    private List<PlannedWorker> withoutWorkersOf(PlannedVm vm, int someCpu) {
        return plan.on(someCpu).stream()
                .filter(worker -> !worker.vm().equals(vm))
                .toList();
    }

    private double left(List<PlannedWorker> some) {
        return limit.left(Placement.reservations(some));
    }

    private String origin() {
        return switch (limit.origin()) {
            case READ -> "/proc/sys/kernel/sched_rt_runtime_us / sched_rt_period_us, less the kernel's own servers";
            case ASSUMED ->
                "/proc/sys/kernel/sched_rt_runtime_us / sched_rt_period_us, less the fair server's default share, as"
                        + " /sys/kernel/debug/sched cannot be read";
            case PROBED -> "found by trying";
        };
    }

    static String share(double share) {
        return String.format(Locale.ROOT, "%.3f", share);
    }

    private static String roundedUp(double share) {
        return share(Math.ceil(share * 1_000) / 1_000);
    }
}
