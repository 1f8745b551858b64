package io.ringfence.dataplane.cli.report;

import io.ringfence.config.GuaranteeSpec;
import io.ringfence.config.document.Unit;
import io.ringfence.dataplane.admission.AdmissionPlan;
import io.ringfence.dataplane.admission.PlannedVm;
import io.ringfence.dataplane.admission.PlannedWorker;
import io.ringfence.dataplane.cli.output.TextTable;
import io.ringfence.scheduler.CpuLimit;
import io.ringfence.scheduler.CpuLimit.Origin;
import io.ringfence.scheduler.Reservation;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** An admission plan as text: a line for each worker of a VM, a line for each CPU, and what is assumed. */
public final class PlanTables {
    private static final long MICRO = 1_000;

    private final AdmissionPlan plan;

    /** Shows this plan. */
    public PlanTables(AdmissionPlan plan) {
        this.plan = plan;
    }

    @Override
    public String toString() {
        String vms = plan.vms().isEmpty() ? "" : vms() + "\n";
        return vms + cpus() + assumption();
    }

    private TextTable vms() {
        TextTable table = new TextTable()
                .words("VM")
                .words("NETWORK")
                .words("GUARANTEE")
                .numbers("CPU")
                .numbers("RUNTIME")
                .numbers("PERIOD")
                .numbers("SHARE")
                .numbers("WORST LATENCY");
        plan.vms().stream().flatMap(vm -> vm.workers().stream()).forEach(worker -> add(worker, table));
        return table;
    }

    private void add(PlannedWorker worker, TextTable table) {
        PlannedVm vm = worker.vm();
        table.row(
                worker.name(),
                vm.vm().network(),
                guarantee(vm),
                Integer.toString(plan.cpuOf(worker)),
                duration(vm.reservation().runtimeNanos()),
                duration(vm.reservation().periodNanos()),
                share(vm.reservation().share()),
                // Rounded up: it is a bound.
                duration((vm.worstLatencyNanos() + MICRO - 1) / MICRO * MICRO));
    }

    /** As it is written in the file, in fewer words. */
    private static String guarantee(PlannedVm vm) {
        if (!(vm.vm().entitlement() instanceof GuaranteeSpec promised)) {
            return "-";
        }
        String latency = promised.latencyNanos().isPresent()
                ? ", " + duration(promised.latencyNanos().getAsLong())
                : "";
        return Unit.written(promised.packetsPerSecond(), Unit.PACKET_RATE) + ", " + promised.burstPackets() + latency;
    }

    private TextTable cpus() {
        TextTable table = new TextTable()
                .numbers("CPU")
                .numbers("LOAD")
                .numbers("LIMIT")
                .numbers("LEFT")
                .words("VMS");
        for (int cpu : plan.cpus()) {
            List<Reservation> reservations =
                    plan.on(cpu).stream().map(PlannedWorker::reservation).toList();
            CpuLimit limit = plan.limit(cpu);
            String names = plan.on(cpu).stream().map(PlannedWorker::name).collect(Collectors.joining(" "));
            table.row(
                    Integer.toString(cpu),
                    share(limit.share() - limit.left(reservations)),
                    share(limit.share()),
                    share(limit.left(reservations)),
                    names.isEmpty() ? "-" : names);
        }
        return table;
    }

    private String assumption() {
        boolean assumed = plan.cpus().stream().anyMatch(cpu -> plan.limit(cpu).origin() == Origin.ASSUMED);
        return assumed
                ? "The limit assumes that the kernel's fair server has its default share: /sys/kernel/debug/sched cannot be"
                        + " read.\n"
                : "";
    }

    private static String duration(long nanos) {
        return Unit.written(nanos, Unit.DURATION);
    }

    private static String share(double share) {
        return String.format(Locale.ROOT, "%.3f", share);
    }
}
