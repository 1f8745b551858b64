package io.ringfence.dataplane.cli;

import io.ringfence.config.Configuration;
import io.ringfence.config.Vm;
import io.ringfence.config.document.Unit;
import io.ringfence.dataplane.control.Placement;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/** Which VM's worker would run where, with how much CPU time, and what speaks against it. Arithmetic only. */
final class AdmissionPlan {
    private final Configuration configuration;
    private final Placement placement;
    private final double limit;

    /** @param limit the most that the kernel admits on a CPU, as a share of it */
    AdmissionPlan(Configuration configuration, double limit) {
        this.configuration = configuration;
        this.placement = new Placement(configuration);
        this.limit = limit;
    }

    /** Returns a line for each VM, in the order of the file. */
    TextTable vms() {
        TextTable table = new TextTable()
                .words("VM")
                .words("NETWORK")
                .numbers("CPU")
                .numbers("RUNTIME")
                .numbers("PERIOD")
                .numbers("SHARE");
        for (Vm vm : configuration.vms()) {
            table.row(
                    vm.name(),
                    vm.network(),
                    Integer.toString(placement.cpuOf(vm)),
                    duration(vm.reservation().runtimeNanos()),
                    duration(vm.reservation().periodNanos()),
                    share(Placement.reservation(vm).share()));
        }
        return table;
    }

    /** Returns a line for each dataplane CPU, in the order of the file. */
    TextTable cpus() {
        TextTable table =
                new TextTable().numbers("CPU").numbers("LOAD").numbers("LIMIT").words("VMS");
        for (int cpu : configuration.host().cpus()) {
            String names = vmsOn(cpu).stream().map(Vm::name).collect(Collectors.joining(" "));
            table.row(Integer.toString(cpu), share(placement.load(cpu)), share(limit), names.isEmpty() ? "-" : names);
        }
        return table;
    }

    /**
     * Returns why the host cannot give what is asked for, a sentence for each CPU concerned; empty if nothing speaks
     * against it.
     *
     * @param online whether a CPU is there and switched on
     */
    List<String> refusals(IntPredicate online) {
        return configuration.host().cpus().stream()
                .filter(cpu -> !online.test(cpu) || isOvercommitted(cpu))
                .map(cpu -> online.test(cpu) ? overcommitted(cpu) : missing(cpu))
                .toList();
    }

    private boolean isOvercommitted(int cpu) {
        return placement.load(cpu) > limit;
    }

    private String overcommitted(int cpu) {
        String shares = vmsOn(cpu).stream()
                .map(vm -> vm.name() + " " + share(Placement.reservation(vm).share()))
                .collect(Collectors.joining(", "));
        return ("the VMs of CPU %d add up to %s of it (%s), more than the %s that the kernel admits"
                        + " (/proc/sys/kernel/sched_rt_runtime_us / sched_rt_period_us): shorten a runtime, lengthen a"
                        + " period, or move a VM to another CPU of host.cpus")
                .formatted(cpu, share(placement.load(cpu)), shares, share(limit));
    }

    private String missing(int cpu) {
        return "CPU %d of host.cpus is not online on this host: choose one of /sys/devices/system/cpu/online"
                .formatted(cpu);
    }

    private List<Vm> vmsOn(int cpu) {
        return configuration.vms().stream()
                .filter(vm -> placement.cpuOf(vm) == cpu)
                .toList();
    }

    private static String duration(long nanos) {
        return Unit.written(nanos, Unit.DURATION);
    }

    private static String share(double share) {
        return String.format(Locale.ROOT, "%.3f", share);
    }
}
