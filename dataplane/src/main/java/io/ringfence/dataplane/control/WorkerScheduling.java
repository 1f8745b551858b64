package io.ringfence.dataplane.control;

import io.ringfence.config.Configuration;
import io.ringfence.config.CpuIdle;
import io.ringfence.dataplane.admission.AdmissionPlan;
import io.ringfence.dataplane.admission.PlannedVm;
import io.ringfence.dataplane.worker.WorkerCommand;
import io.ringfence.scheduler.CpuLimit;
import io.ringfence.scheduler.CpuPartition;
import io.ringfence.scheduler.HousekeepingCpus;
import io.ringfence.scheduler.HousekeepingPriority;
import io.ringfence.scheduler.Reservation;
import io.ringfence.scheduler.Rung;
import io.ringfence.scheduler.SchedulingRefusedException;
import io.ringfence.scheduler.SchedulingRefusedException.Rule;
import io.ringfence.scheduler.ThreadScheduling;
import io.ringfence.scheduler.linux.CpuList;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Puts the workers on their CPUs with their reservations, on the best rung of the {@link SchedulingLadder} that the host gives
 * and the configuration allows.
 *
 * <p>Used by one control thread at a time, but another one may {@link #close} it meanwhile. What a worker has is said to the
 * kernel and to the worker itself, which meters it: in this order where it becomes more, in the other one where it becomes less ({@link #shrink}).
 */
final class WorkerScheduling implements AutoCloseable {
    private static final int FIFO_PRIORITY = 50;
    /** Between two questions whether there is room by now: a fraction of the shortest periods. */
    private static final long RETRY_NANOS = 50_000;

    private final DataplaneCpus cpus = new DataplaneCpus();
    private final EventLog log;
    private final Rung best;
    private final boolean metered;
    private Rung rung = Rung.OTHER;

    /**
     * @param best the first rung to be tried, unless the configuration allows a better one only
     * @param metered whether workers are to give up the CPU before the kernel throttles them; else for a diagnosis only
     */
    WorkerScheduling(EventLog log, Rung best, boolean metered) {
        this.log = log;
        this.best = best;
        this.metered = metered;
    }

    /** Removes what a killed process left, where the host has partitions at all. */
    static void removeStale(Configuration configuration) {
        try {
            CpuPartition.removeStale();
        } catch (SchedulingRefusedException refused) {
            if (SchedulingLadder.lowest(configuration.host().scheduling()) == Rung.DEADLINE) {
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
        Rung lowest = SchedulingLadder.lowest(configuration.host().scheduling());
        for (Rung candidate : SchedulingLadder.toTry(best, lowest)) {
            try {
                apply(candidate, plan, workers);
                rung = candidate;
                log.event("host", "scheduling " + rung() + ": " + SchedulingLadder.promise(rung));
                cpus.housekeeping().ifPresent(this::tell);
                if (rung != Rung.OTHER) {
                    goBeforeOthers();
                }
                if (configuration.host().idle() == CpuIdle.POLL) {
                    keepAwake();
                }
                return;
            } catch (SchedulingRefusedException refused) {
                takeBack(workers, refused);
                if (candidate == lowest) {
                    throw refused;
                }
                log.warning(
                        "host",
                        "scheduling rung " + SchedulingLadder.name(candidate) + " refused, trying the next that the"
                                + " configuration allows: " + refused.getMessage());
            }
        }
    }

    /** What some workers were given already: a meter, a policy, a partition. */
    private void takeBack(List<VmWorker> workers, SchedulingRefusedException refused) {
        try {
            WorkerRelease.of(workers);
            cpus.close();
        } catch (RuntimeException another) {
            log.warning(
                    "host",
                    "what a refused scheduling rung had given cannot be taken back, so none is tried below it: "
                            + another.getMessage());
            refused.addSuppressed(another);
            throw refused;
        }
    }

    private void tell(HousekeepingCpus housekeeping) {
        String list = CpuList.format(housekeeping.cpus());
        log.event("host", "housekeeping on CPUs " + list);
        if (housekeeping.areOthersThanGiven()) {
            log.warning(
                    "host",
                    "Ringfence was started on CPUs " + CpuList.format(housekeeping.given())
                            + ", which are all in host.cpus, so that housekeeping has the others of its cpuset; start it on some"
                            + " of CPUs " + list + " (CPUAffinity= of its unit, taskset), or on all");
        }
    }

    private void goBeforeOthers() {
        try {
            HousekeepingPriority.raise();
        } catch (SchedulingRefusedException refused) {
            log.warning(
                    "host",
                    "where other programs keep the housekeeping CPUs busy, workers may have to wait for Ringfence's other threads: "
                            + refused.getMessage());
        }
    }

    /** Last, so that nothing is left behind by a rung that is refused. */
    private void keepAwake() {
        try {
            cpus.keepAwake();
        } catch (IOException failure) {
            log.warning(
                    "host",
                    "the dataplane CPUs sleep while they are idle, and workers wake more slowly: " + failure
                            + "; allow it, or set host.idle: sleep");
        }
    }

    private void apply(Rung candidate, AdmissionPlan plan, List<VmWorker> workers) {
        cpus.prepare(candidate, plan.cpus(), log);
        workers.forEach(cpus::admit);
        List<VmWorker> scheduled = new ArrayList<>();
        for (VmWorker worker : workers) {
            worker.awaitAnswer();
            try {
                schedule(candidate, worker);
            } catch (SchedulingRefusedException refused) {
                throw explained(refused, worker.cpu(), plan, scheduled);
            }
            scheduled.add(worker);
        }
    }

    /**
     * A CPU that is too small is a matter of all its VMs, not of the one that came last.
     *
     * @param scheduled the workers that have their reservations now
     */
    SchedulingRefusedException explained(
            SchedulingRefusedException refused, int cpu, AdmissionPlan plan, List<VmWorker> scheduled) {
        if (refused.rule() != Rule.ADMISSION) {
            return refused;
        }
        List<Reservation> admitted = scheduled.stream()
                .filter(worker -> worker.cpu() == cpu)
                .map(worker -> worker.planned().reservation())
                .toList();
        return cpus.partitionOf(cpu)
                .map(full -> plan.refused(cpu, CpuLimit.probe(full, admitted)))
                .orElse(refused);
    }

    private void schedule(Rung rung, VmWorker worker) {
        switch (rung) {
            case DEADLINE, DEADLINE_GLOBAL -> {
                ThreadScheduling.applyDeadline(
                        worker.threadId(), worker.planned().reservation(), cpus::whileHeld);
                meter(worker, worker.planned().reservation());
            }
            case FIFO -> whileHeld(() -> ThreadScheduling.applyFifo(worker.threadId(), FIFO_PRIORITY));
            case OTHER -> whileHeld(() -> ThreadScheduling.applyOther(worker.threadId()));
        }
    }

    private void whileHeld(Runnable attempt) {
        int ignored = cpus.whileHeld(() -> {
            attempt.run();
            return 0;
        });
    }

    private void meter(VmWorker worker, Reservation reservation) {
        if (metered) {
            PlannedVm planned = worker.planned();
            worker.submit(new WorkerCommand.Meter(
                    reservation, planned.paceNanos(), planned.derivation().isPresent()));
        }
    }

    /**
     * Puts a worker that has come later on its CPU; to be followed by {@link #schedule}.
     *
     * @throws DataplaneEndedException if the CPUs were given back
     */
    void place(VmWorker newcomer) {
        cpus.admit(newcomer);
        newcomer.awaitAnswer();
    }

    /**
     * Gives a worker the reservation that it is planned to have, on the rung in force.
     *
     * @param patienceNanos how long to try again while the CPU is found full: what others gave back is released at the end of
     *     their period
     * @throws SchedulingRefusedException if the kernel refuses
     * @throws DataplaneEndedException if the CPUs were given back
     */
    void schedule(VmWorker worker, long patienceNanos) {
        long startNanos = System.nanoTime();
        while (true) {
            try {
                schedule(rung, worker);
                return;
            } catch (SchedulingRefusedException refused) {
                if (refused.rule() != Rule.ADMISSION || System.nanoTime() - startNanos > patienceNanos) {
                    throw refused;
                }
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    /**
     * Gives a worker a reservation that is no larger a share than the one it has.
     *
     * @throws DataplaneEndedException if the CPUs were given back
     */
    void shrink(VmWorker worker) {
        cpus.requireHeld();
        if (reserves()) {
            // The other way round, the worker would for a moment believe that it has more than the kernel gives.
            // For the same reason it counts on every charge until the kernel knows whether it reclaims.
            meter(worker, worker.planned().reservation().reclaiming(true));
            worker.awaitAnswer();
        }
        schedule(rung, worker);
    }

    /** Whether workers have reservations of CPU time on the rung in force. */
    boolean reserves() {
        return rung == Rung.DEADLINE || rung == Rung.DEADLINE_GLOBAL;
    }

    /** The rung in force, in the configuration's words. */
    String rung() {
        return SchedulingLadder.name(rung);
    }

    /**
     * Takes the reservations of workers that are about to end, from outside: those may be too small for the end, and no worker
     * is asked. The kernel releases them when the CPUs are given back; without a partition it would not, so that there they
     * are left to the workers.
     */
    void withdraw(List<VmWorker> workers) {
        if (rung == Rung.DEADLINE) {
            workers.forEach(cpus::withdraw);
        }
    }

    /** Gives the CPUs back, for good; waits for no more than an attempt to schedule a worker. Any control thread. */
    @Override
    public void close() {
        cpus.end();
    }
}
