package io.ringfence.dataplane.control;

import io.ringfence.config.Configuration;
import io.ringfence.config.SchedulingRung;
import io.ringfence.dataplane.admission.AdmissionPlan;
import io.ringfence.dataplane.worker.WorkerCommand;
import io.ringfence.scheduler.CpuLimit;
import io.ringfence.scheduler.CpuPartition;
import io.ringfence.scheduler.HousekeepingAffinity;
import io.ringfence.scheduler.Reservation;
import io.ringfence.scheduler.Rung;
import io.ringfence.scheduler.SchedulingRefusedException;
import io.ringfence.scheduler.SchedulingRefusedException.Rule;
import io.ringfence.scheduler.ThreadScheduling;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Puts the workers on their CPUs with their reservations, on the best rung of the ladder that the host gives and the
 * configuration allows.
 */
final class WorkerScheduling implements AutoCloseable {
    private static final int FIFO_PRIORITY = 50;

    private final List<CpuPartition> partitions = new ArrayList<>();
    private final EventLog log;
    private Rung rung = Rung.OTHER;
    private boolean confined;

    WorkerScheduling(EventLog log) {
        this.log = log;
    }

    /** Removes what a killed process left, where the host has partitions at all. */
    static void removeStale(Configuration configuration) {
        try {
            CpuPartition.removeStale();
        } catch (SchedulingRefusedException refused) {
            if (lowest(configuration.host().scheduling()) == Rung.DEADLINE) {
                throw refused;
            }
        }
    }

    /**
     * Schedules the workers.
     *
     * @throws SchedulingRefusedException if the host refuses the lowest rung that the configuration allows
     */
    void apply(AdmissionPlan plan, List<VmWorker> workers) {
        Configuration configuration = plan.configuration();
        Rung lowest = lowest(configuration.host().scheduling());
        for (Rung candidate : Rung.values()) {
            try {
                apply(candidate, plan, workers);
                rung = candidate;
                log.event("host", "scheduling " + rung() + ": " + promise(rung));
                return;
            } catch (SchedulingRefusedException refused) {
                // What some workers were given already: a meter, a policy, a partition.
                workers.forEach(VmWorker::release);
                close();
                if (candidate == lowest) {
                    throw refused;
                }
                log.warning(
                        "host",
                        "scheduling rung " + name(candidate) + " refused, trying the next that the"
                                + " configuration allows: " + refused.getMessage());
            }
        }
    }

    private void apply(Rung candidate, AdmissionPlan plan, List<VmWorker> workers) {
        switch (candidate) {
            case DEADLINE -> partition(plan.cpus(), workers);
            // The kernel wants a thread's affinity to cover its whole root domain: here all CPUs.
            case DEADLINE_GLOBAL -> HousekeepingAffinity.release();
            case FIFO -> partitionOrPin(plan.cpus(), workers);
            case OTHER -> partitionIfPossible(plan.cpus(), workers);
        }
        List<VmWorker> scheduled = new ArrayList<>();
        for (VmWorker worker : workers) {
            worker.awaitAwake();
            try {
                schedule(candidate, worker);
            } catch (SchedulingRefusedException refused) {
                throw explained(refused, worker.cpu(), plan, scheduled);
            }
            scheduled.add(worker);
        }
    }

    /** A CPU that is too small is a matter of all its VMs, not of the one that came last. */
    private SchedulingRefusedException explained(
            SchedulingRefusedException refused, int cpu, AdmissionPlan plan, List<VmWorker> scheduled) {
        Optional<CpuPartition> full = partitions.stream()
                .filter(partition -> partition.cpu() == cpu && refused.rule() == Rule.ADMISSION)
                .findFirst();
        if (full.isEmpty()) {
            return refused;
        }
        List<Reservation> admitted = scheduled.stream()
                .filter(worker -> worker.cpu() == cpu)
                .map(worker -> worker.planned().reservation())
                .toList();
        return plan.refused(cpu, CpuLimit.probe(full.get(), admitted));
    }

    private void partition(List<Integer> cpus, List<VmWorker> workers) {
        keepOthersOff(cpus);
        Map<Integer, CpuPartition> byCpu = new HashMap<>();
        for (int cpu : cpus) {
            CpuPartition partition = CpuPartition.create(cpu);
            partitions.add(partition);
            byCpu.put(cpu, partition);
        }
        // Into the partition first, DEADLINE second: the kernel moves no bandwidth between root domains.
        for (VmWorker worker : workers) {
            CpuPartition partition = byCpu.get(worker.cpu());
            if (partition != null) {
                partition.admit(worker.threadId());
            }
        }
    }

    /** Keeps the JVM's own threads off the dataplane CPUs, and for now the workers too. */
    private void keepOthersOff(List<Integer> cpus) {
        BitSet dataplane = new BitSet();
        cpus.forEach(dataplane::set);
        HousekeepingAffinity.excludeCpus(dataplane);
        confined = true;
    }

    /** SCHED_FIFO needs no root domain of its own: where there are no partitions, an affinity will do. */
    private void partitionOrPin(List<Integer> cpus, List<VmWorker> workers) {
        try {
            partition(cpus, workers);
        } catch (SchedulingRefusedException refused) {
            close();
            keepOthersOff(cpus);
            workers.forEach(worker -> HousekeepingAffinity.pin(worker.threadId(), worker.cpu()));
            log.warning(
                    "host",
                    "workers are pinned, but other programs may run on their CPUs too: " + refused.getMessage());
        }
    }

    /** The rung without a promise is for hosts without rights, too: there, everything may run on every CPU. */
    private void partitionIfPossible(List<Integer> cpus, List<VmWorker> workers) {
        try {
            partition(cpus, workers);
        } catch (SchedulingRefusedException refused) {
            close();
            log.warning("host", "workers are not pinned: " + refused.getMessage());
        }
    }

    private static void schedule(Rung candidate, VmWorker worker) {
        Reservation reservation = worker.planned().reservation();
        switch (candidate) {
            case DEADLINE, DEADLINE_GLOBAL -> {
                ThreadScheduling.applyDeadline(worker.threadId(), reservation);
                worker.worker()
                        .submit(new WorkerCommand.Meter(
                                reservation,
                                worker.planned().paceNanos(),
                                worker.planned().derivation().isPresent()));
            }
            case FIFO -> ThreadScheduling.applyFifo(worker.threadId(), FIFO_PRIORITY);
            case OTHER -> ThreadScheduling.applyOther(worker.threadId());
        }
    }

    /** Whether workers have reservations of CPU time on the rung in force. */
    boolean reserves() {
        return rung == Rung.DEADLINE || rung == Rung.DEADLINE_GLOBAL;
    }

    /** The rung in force, in the configuration's words. */
    String rung() {
        return name(rung);
    }

    private static String promise(Rung rung) {
        return switch (rung) {
            case DEADLINE -> "every worker has its reservation in a partition of its CPU";
            case DEADLINE_GLOBAL ->
                "every worker has its reservation, on whatever CPU, and deadlines are met with bounded"
                        + " tardiness only";
            case FIFO -> "workers go before all else on their CPUs, but nothing protects them from each other";
            case OTHER -> "nothing is promised";
        };
    }

    private static String name(Rung rung) {
        return rung.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** A rung in the configuration's words. */
    static String name(SchedulingRung rung) {
        return name(lowest(rung));
    }

    private static Rung lowest(SchedulingRung allowed) {
        return switch (allowed) {
            case DEADLINE -> Rung.DEADLINE;
            case DEADLINE_GLOBAL -> Rung.DEADLINE_GLOBAL;
            case FIFO -> Rung.FIFO;
            case OTHER -> Rung.OTHER;
        };
    }

    /** Gives the CPUs back. */
    @Override
    public void close() {
        partitions.forEach(CpuPartition::close);
        partitions.clear();
        if (confined) {
            confined = false;
            HousekeepingAffinity.release();
        }
    }
}
