package io.ringfence.dataplane.admission;

import io.ringfence.config.Configuration;
import io.ringfence.config.SchedulingRung;
import io.ringfence.config.Vm;
import io.ringfence.scheduler.CostModel;
import io.ringfence.scheduler.CpuLimit;
import io.ringfence.scheduler.CpuLimit.Origin;
import io.ringfence.scheduler.HousekeepingAffinity;
import io.ringfence.scheduler.SchedulingRefusedException;
import io.ringfence.scheduler.SchedulingRefusedException.Rule;
import io.ringfence.scheduler.linux.CpuList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Which worker would run where, with how much CPU time, and what speaks against it. */
public final class AdmissionPlan {
    private final Configuration configuration;
    private final Supplier<CostModel> costs;
    private final IntFunction<CpuLimit> limitOf;
    private final Map<Integer, CpuLimit> limits = new LinkedHashMap<>();
    private final List<PlannedVm> vms;
    private final Placement placement;

    /**
     * Plans a configuration; whether everything fits is not decided yet.
     *
     * @param costs the cost model of this host; asked for only if the configuration has a guarantee
     * @param limitOf the most that the kernel admits on a CPU
     * @throws SchedulingRefusedException if a guarantee cannot be kept even by a CPU of its own
     */
    public AdmissionPlan(Configuration configuration, Supplier<CostModel> costs, IntFunction<CpuLimit> limitOf) {
        this(configuration, costs, limitOf, Map.of());
    }

    private AdmissionPlan(
            Configuration configuration,
            Supplier<CostModel> costs,
            IntFunction<CpuLimit> limitOf,
            Map<String, List<Integer>> running) {
        this.configuration = configuration;
        this.costs = costs;
        this.limitOf = limitOf;
        configuration.host().cpus().forEach(cpu -> limits.put(cpu, limitOf.apply(cpu)));
        double mostShare =
                limits.values().stream().mapToDouble(CpuLimit::share).max().orElse(0);
        vms = new VmSizing(configuration, costs, mostShare).plan();
        placement = Placement.of(vms, limits, running);
    }

    /**
     * Plans another configuration of the same host, with the same sources, around what runs.
     *
     * @param running the CPUs of the workers of VMs that are not to be moved, by the VMs' names
     * @throws SchedulingRefusedException if a guarantee cannot be kept even by a CPU of its own
     */
    public AdmissionPlan revised(Configuration next, Map<String, List<Integer>> running) {
        return new AdmissionPlan(next, costs, limitOf, running);
    }

    /** What is planned. */
    public Configuration configuration() {
        return configuration;
    }

    /** The VMs, in the order of the file. */
    public List<PlannedVm> vms() {
        return vms;
    }

    /** The plan for a VM of the configuration. */
    public PlannedVm of(Vm vm) {
        return vms.stream()
                .filter(planned -> planned.name().equals(vm.name()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("VM " + vm.name() + " is not in this configuration"));
    }

    /** The dataplane CPUs of a VM's workers, in their order. */
    public List<Integer> cpusOf(PlannedVm vm) {
        return vm.workers().stream().map(this::cpuOf).toList();
    }

    /** The dataplane CPU of a worker. */
    public int cpuOf(PlannedWorker worker) {
        return limits.keySet().stream()
                .filter(cpu -> placement.on(cpu).contains(worker))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("VM " + worker.vm().name() + " is not in this configuration"));
    }

    /** The workers on a CPU, in the order of the file. */
    public List<PlannedWorker> on(int cpu) {
        return placement.on(cpu);
    }

    /** The most that the kernel admits on a CPU. */
    public CpuLimit limit(int cpu) {
        return limits.getOrDefault(cpu, CpuLimit.NOTHING);
    }

    /** The dataplane CPUs, in the order of the file. */
    public List<Integer> cpus() {
        return configuration.host().cpus();
    }

    /**
     * Returns why the host cannot give what is asked for: a sentence for each CPU concerned, with the changes that would
     * help, one a line, and one if no CPU is left for anything else; empty if nothing speaks against it.
     *
     * @param online the CPUs that are there and switched on
     */
    public List<String> refusals(BitSet online) {
        Stream<String> ofCpus = cpus().stream()
                .filter(cpu -> !online.get(cpu) || !admits(cpu, limit(cpu)))
                .map(cpu -> online.get(cpu) ? overcommitted(cpu, limit(cpu)) : missing(cpu, online));
        return Stream.concat(ofCpus, leavesNone(online) ? Stream.of(HousekeepingAffinity.NO_CPU_LEFT) : Stream.empty())
                .toList();
    }

    /** Returns such a sentence for each CPU whose VMs need more than it has, whether it is there or not. */
    public List<String> overcommitments() {
        return cpus().stream()
                .filter(cpu -> !admits(cpu, limit(cpu)))
                .map(cpu -> overcommitted(cpu, limit(cpu)))
                .toList();
    }

    /** Lower rungs of the ladder may do without partitions. */
    private boolean leavesNone(BitSet online) {
        return configuration.host().scheduling() == SchedulingRung.DEADLINE
                && online.stream().allMatch(cpus()::contains);
    }

    /**
     * Refuses CPUs that are not there: lower rungs of the ladder would do without, and say that workers are on them.
     *
     * @param online the CPUs that are there and switched on
     * @throws SchedulingRefusedException if a dataplane CPU is none of them
     */
    public void requireOnline(BitSet online) {
        for (int cpu : cpus()) {
            if (!online.get(cpu)) {
                throw new SchedulingRefusedException(Rule.CPUSET, missing(cpu, online));
            }
        }
    }

    /**
     * Refuses what can never fit, before anything is started. A limit that is partly assumed refuses nothing: the kernel
     * will decide.
     *
     * @throws SchedulingRefusedException if the VMs of a CPU need more than it has
     */
    public void requirePossible() {
        for (int cpu : cpus()) {
            CpuLimit limit = limit(cpu);
            if (!admits(cpu, limit.origin() == Origin.ASSUMED ? CpuLimit.withoutServers() : limit)) {
                throw new SchedulingRefusedException(Rule.ADMISSION, overcommitted(cpu, limit));
            }
        }
    }

    /** What the kernel's refusal of a VM on this CPU means for the plan, now that trying has shown the limit. */
    public SchedulingRefusedException refused(int cpu, CpuLimit probed) {
        return new SchedulingRefusedException(Rule.ADMISSION, overcommitted(cpu, probed));
    }

    private boolean admits(int cpu, CpuLimit limit) {
        return limit.admits(Placement.reservations(on(cpu)));
    }

    private String overcommitted(int cpu, CpuLimit limit) {
        return new Overcommitment(this, cpu, limit).text();
    }

    private static String missing(int cpu, BitSet online) {
        return "CPU %d of host.cpus is not online on this host: choose one of %s"
                .formatted(cpu, CpuList.format(online));
    }
}
