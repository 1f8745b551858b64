package io.ringfence.dataplane.admission;

import io.ringfence.scheduler.CpuLimit;
import io.ringfence.scheduler.Reservation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.function.ToLongBiFunction;
import java.util.stream.Stream;

/**
 * Which dataplane CPU each worker runs on.
 *
 * <p>Workers that run stay where they are. Those of VMs with a {@code cpu} go there. The others, largest share first, go each to
 * the CPU with the most room left, which balances the load; if that does not fit, each to the CPU with the least room that still
 * holds it, which leaves room for large ones. Of the CPUs that hold a worker, those without one of the same VM come first, unless
 * that does not fit: on one CPU, several workers carry no more than one with as much time. Where nothing holds a worker, it goes
 * to the CPU with the most room. Ties are broken by the order of the file.
 */
final class Placement {
    private final Map<Integer, CpuLimit> limits;
    private final boolean apart;
    private final Map<Integer, List<PlannedWorker>> workersOf = new LinkedHashMap<>();

    /**
     * Places the workers; whether they fit is for the plan to say.
     *
     * @param running the CPUs of the workers of VMs that run, in their order
     */
    static Placement of(List<PlannedVm> vms, Map<Integer, CpuLimit> limits, Map<String, List<Integer>> running) {
        List<PlannedWorker> workers =
                vms.stream().flatMap(vm -> vm.workers().stream()).toList();
        ToLongBiFunction<Long, Long> balancing = (room, need) -> -room;
        ToLongBiFunction<Long, Long> packing = (room, need) -> room >= need ? Long.MIN_VALUE + room : -room;
        Placement first = new Placement(workers, limits, running, true, balancing);
        return Stream.<Supplier<Placement>>of(
                        () -> first,
                        () -> new Placement(workers, limits, running, true, packing),
                        () -> new Placement(workers, limits, running, false, balancing),
                        () -> new Placement(workers, limits, running, false, packing))
                .map(Supplier::get)
                .filter(Placement::fits)
                .findFirst()
                .orElse(first);
    }

    /**
     * @param apart whether workers of one VM rather go to different CPUs
     * @param badness of a CPU with so much room for a worker that needs so much, in the kernel's numbers
     */
    private Placement(
            List<PlannedWorker> workers,
            Map<Integer, CpuLimit> limits,
            Map<String, List<Integer>> running,
            boolean apart,
            ToLongBiFunction<Long, Long> badness) {
        this.limits = limits;
        this.apart = apart;
        limits.keySet().forEach(cpu -> workersOf.put(cpu, new ArrayList<>()));
        for (PlannedWorker worker : workers) {
            given(worker, running).ifPresent(cpu -> on(cpu).add(worker));
        }
        workers.stream()
                .filter(worker -> given(worker, running).isEmpty())
                .sorted(Comparator.comparingLong(Placement::need).reversed())
                .forEach(worker -> on(best(worker, badness)).add(worker));
        workersOf.values().forEach(list -> list.sort(Comparator.comparingInt(workers::indexOf)));
    }

    private static OptionalInt given(PlannedWorker worker, Map<String, List<Integer>> running) {
        List<Integer> cpus = running.get(worker.vm().name());
        return cpus == null ? worker.vm().vm().cpu() : OptionalInt.of(cpus.get(worker.index()));
    }

    private int best(PlannedWorker worker, ToLongBiFunction<Long, Long> badness) {
        long need = need(worker);
        return workersOf.keySet().stream()
                .min(Comparator.comparing((Integer cpu) -> room(cpu) < need)
                        .thenComparing(cpu -> apart && holdsOneOf(worker.vm(), cpu))
                        .thenComparingLong(cpu -> badness.applyAsLong(room(cpu), need)))
                .orElseThrow();
    }

    private boolean holdsOneOf(PlannedVm vm, int cpu) {
        return on(cpu).stream().anyMatch(worker -> worker.vm().equals(vm));
    }

    private static long need(PlannedWorker worker) {
        return CpuLimit.load(List.of(worker.reservation()));
    }

    private long room(int cpu) {
        CpuLimit limit = limits.getOrDefault(cpu, CpuLimit.NOTHING);
        return limit.bandwidth() - CpuLimit.load(reservations(on(cpu)));
    }

    private boolean fits() {
        return workersOf.keySet().stream().allMatch(cpu -> room(cpu) >= 0);
    }

    /** The workers on a CPU, in the order of the file; changed by the constructor only. */
    List<PlannedWorker> on(int cpu) {
        return workersOf.computeIfAbsent(cpu, ignored -> new ArrayList<>());
    }

    static List<Reservation> reservations(List<PlannedWorker> workers) {
        return workers.stream().map(PlannedWorker::reservation).toList();
    }
}
