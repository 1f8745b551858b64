package io.ringfence.dataplane.control;

import io.ringfence.config.Configuration;
import io.ringfence.config.Vm;
import io.ringfence.scheduler.Reservation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which dataplane CPU each VM's worker runs on.
 *
 * <p>VMs with a {@code cpu} go there; the others, largest share first, each to the CPU with the least load.
 */
public final class Placement {
    private final Map<String, Integer> cpuOf = new LinkedHashMap<>();
    private final Map<Integer, List<Reservation>> reservationsOf = new LinkedHashMap<>();

    /** Places the VMs of a configuration; whether they fit is for admission to say. */
    public Placement(Configuration configuration) {
        configuration.host().cpus().forEach(cpu -> reservationsOf.put(cpu, new ArrayList<>()));
        for (Vm vm : configuration.vms()) {
            vm.cpu().ifPresent(cpu -> place(vm, cpu));
        }
        configuration.vms().stream()
                .filter(vm -> vm.cpu().isEmpty())
                .sorted(Comparator.comparingDouble((Vm vm) -> reservation(vm).share())
                        .reversed())
                .forEach(vm -> place(vm, leastLoaded()));
    }

    private void place(Vm vm, int cpu) {
        cpuOf.put(vm.name(), cpu);
        reservationsOf.computeIfAbsent(cpu, ignored -> new ArrayList<>()).add(reservation(vm));
    }

    private int leastLoaded() {
        return reservationsOf.keySet().stream()
                .min(Comparator.comparingDouble(this::load))
                .orElseThrow();
    }

    /** CPU of a VM. */
    public int cpuOf(Vm vm) {
        Integer cpu = cpuOf.get(vm.name());
        if (cpu == null) {
            throw new IllegalArgumentException("VM " + vm.name() + " is not in this configuration");
        }
        return cpu;
    }

    /** The dataplane CPUs with what is placed on each, in the order of the configuration. */
    public Map<Integer, List<Reservation>> reservations() {
        return reservationsOf;
    }

    /** Sum of the shares placed on a CPU. */
    public double load(int cpu) {
        return reservationsOf.getOrDefault(cpu, List.of()).stream()
                .mapToDouble(Reservation::share)
                .sum();
    }

    /** The reservation of a VM, as the scheduler takes it. */
    public static Reservation reservation(Vm vm) {
        return new Reservation(vm.reservation().runtimeNanos(), vm.reservation().periodNanos());
    }
}
