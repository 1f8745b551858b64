package io.ringfence.dataplane.admission;

import io.ringfence.scheduler.CpuLimit;
import io.ringfence.scheduler.Reservation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.ToLongBiFunction;

/**
 * Which dataplane CPU each VM's worker runs on.
 *
 * <p>VMs that run stay where they are. VMs with a {@code cpu} go there. The others, largest share first, go each to the CPU with the most room left, which
 * balances the load; if that does not fit, each to the CPU with the least room that still holds it, which leaves room for
 * large ones. Where nothing holds a VM, it goes to the CPU with the most room. Ties are broken by the order of the file.
 */
final class Placement {
    private final Map<Integer, CpuLimit> limits;
    private final Map<Integer, List<PlannedVm>> vmsOf = new LinkedHashMap<>();

    /** Places the VMs; whether they fit is for the plan to say. */
    static Placement of(List<PlannedVm> vms, Map<Integer, CpuLimit> limits, Map<String, Integer> running) {
        Placement balanced = new Placement(vms, limits, running, (room, need) -> -room);
        if (balanced.fits()) {
            return balanced;
        }
        Placement packed =
                new Placement(vms, limits, running, (room, need) -> room >= need ? Long.MIN_VALUE + room : -room);
        return packed.fits() ? packed : balanced;
    }

    /** @param badness of a CPU with so much room for a VM that needs so much, in the kernel's numbers */
    private Placement(
            List<PlannedVm> vms,
            Map<Integer, CpuLimit> limits,
            Map<String, Integer> running,
            ToLongBiFunction<Long, Long> badness) {
        this.limits = limits;
        limits.keySet().forEach(cpu -> vmsOf.put(cpu, new ArrayList<>()));
        for (PlannedVm vm : vms) {
            given(vm, running).ifPresent(cpu -> on(cpu).add(vm));
        }
        vms.stream()
                .filter(vm -> given(vm, running).isEmpty())
                .sorted(Comparator.comparingLong(Placement::need).reversed())
                .forEach(vm -> on(vmsOf.keySet().stream()
                                .min(Comparator.comparingLong(cpu -> badness.applyAsLong(room(cpu), need(vm))))
                                .orElseThrow())
                        .add(vm));
        vmsOf.values().forEach(list -> list.sort(Comparator.comparingInt(vms::indexOf)));
    }

    private static OptionalInt given(PlannedVm vm, Map<String, Integer> running) {
        Integer cpu = running.get(vm.name());
        return cpu == null ? vm.vm().cpu() : OptionalInt.of(cpu);
    }

    private static long need(PlannedVm vm) {
        return CpuLimit.load(List.of(vm.reservation()));
    }

    private long room(int cpu) {
        CpuLimit limit = limits.getOrDefault(cpu, CpuLimit.NOTHING);
        return limit.bandwidth() - CpuLimit.load(reservations(on(cpu)));
    }

    private boolean fits() {
        return vmsOf.keySet().stream().allMatch(cpu -> room(cpu) >= 0);
    }

    /** The VMs on a CPU, in the order of the file; changed by the constructor only. */
    List<PlannedVm> on(int cpu) {
        return vmsOf.computeIfAbsent(cpu, ignored -> new ArrayList<>());
    }

    static List<Reservation> reservations(List<PlannedVm> vms) {
        return vms.stream().map(PlannedVm::reservation).toList();
    }
}
