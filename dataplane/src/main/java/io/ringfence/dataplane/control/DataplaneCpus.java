package io.ringfence.dataplane.control;

import io.ringfence.scheduler.CpuPartition;
import io.ringfence.scheduler.HousekeepingAffinity;
import io.ringfence.scheduler.HousekeepingCpus;
import io.ringfence.scheduler.Rung;
import io.ringfence.scheduler.SchedulingRefusedException;
import io.ringfence.scheduler.ThreadScheduling;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import org.agrona.CloseHelper;
import org.jspecify.annotations.Nullable;

/**
 * The CPUs that workers run on: a partition each or, where there are none, an affinity. Used by one control thread at a
 * time; but another one may {@link #end} it meanwhile.
 */
final class DataplaneCpus implements AutoCloseable {
    private final Map<Integer, CpuPartition> partitions = new TreeMap<>();
    private @Nullable HousekeepingCpus housekeeping;
    private boolean ended;
    private Placement placement = Placement.AS_STARTED;

    /** Of a worker whose CPU is no partition. */
    private enum Placement {
        AS_STARTED,
        PINNED,
        /** The kernel wants a DEADLINE thread's affinity to cover its whole root domain: here all CPUs. */
        ANYWHERE
    }

    /**
     * Takes the CPUs as a rung of the ladder wants them.
     *
     * @param log is told what the workers go without
     * @throws SchedulingRefusedException if the host does not allow it, and the rung is nothing without it
     */
    synchronized void prepare(Rung rung, List<Integer> cpus, EventLog log) {
        switch (rung) {
            case DEADLINE -> partition(cpus);
            case DEADLINE_GLOBAL -> placement = Placement.ANYWHERE;
            case FIFO -> partitionOrPin(cpus, log);
            case OTHER -> partitionIfPossible(cpus, log);
        }
    }

    /** SCHED_FIFO needs no root domain of its own: where there are no partitions, an affinity will do. */
    private void partitionOrPin(List<Integer> cpus, EventLog log) {
        try {
            partition(cpus);
        } catch (SchedulingRefusedException refused) {
            close();
            pin(cpus);
            log.warning(
                    "host",
                    "workers are pinned, but other programs may run on their CPUs too: " + refused.getMessage());
        }
    }

    /** The rung without a promise is for hosts without rights, too: there, everything may run on every CPU. */
    private void partitionIfPossible(List<Integer> cpus, EventLog log) {
        try {
            partition(cpus);
        } catch (SchedulingRefusedException refused) {
            close();
            log.warning("host", "workers are not pinned: " + refused.getMessage());
        }
    }

    /**
     * Takes the CPUs for partitions, and keeps everything else of this process off them.
     *
     * @throws SchedulingRefusedException if the host does not allow it
     */
    synchronized void partition(List<Integer> cpus) {
        keepOthersOff(cpus);
        for (int cpu : cpus) {
            partitions.put(cpu, CpuPartition.create(cpu));
        }
    }

    /**
     * Keeps the partitions' CPUs from sleeping while they are idle.
     *
     * @throws IOException if the host cannot do that
     */
    synchronized void keepAwake() throws IOException {
        for (CpuPartition partition : partitions.values()) {
            partition.keepAwake();
        }
    }

    /** Without partitions: workers are tied to their CPUs, and everything else of this process is kept off. */
    private void pin(List<Integer> cpus) {
        keepOthersOff(cpus);
        placement = Placement.PINNED;
    }

    /** Keeps the JVM's own threads off the dataplane CPUs, and for now the workers too. */
    private void keepOthersOff(List<Integer> cpus) {
        BitSet dataplane = new BitSet();
        cpus.forEach(dataplane::set);
        housekeeping = HousekeepingAffinity.excludeCpus(dataplane);
    }

    /** The CPUs that everything else of this process was confined to; empty if it was not. */
    synchronized Optional<HousekeepingCpus> housekeeping() {
        return Optional.ofNullable(housekeeping);
    }

    /**
     * Moves a worker's thread to its CPU: into the partition first, DEADLINE second.
     *
     * @throws DataplaneEndedException after the end
     */
    synchronized void admit(VmWorker worker) {
        requireHeld();
        CpuPartition partition = partitions.get(worker.cpu());
        if (partition != null) {
            partition.admit(worker.threadId());
            return;
        }
        switch (placement) {
            case PINNED -> ThreadScheduling.pin(worker.threadId(), worker.cpu());
            case ANYWHERE -> ThreadScheduling.unpin(worker.threadId());
            case AS_STARTED -> {}
        }
    }

    /**
     * Makes one attempt to schedule a worker, during which nobody gives the CPUs back: a reservation that comes into a partition
     * while that is removed would have the kernel miscount.
     *
     * @throws DataplaneEndedException after the end
     */
    synchronized int whileHeld(IntSupplier attempt) {
        requireHeld();
        return attempt.getAsInt();
    }

    /**
     * For what is in vain once the CPUs were given back.
     *
     * @throws DataplaneEndedException after the end
     */
    synchronized void requireHeld() {
        if (ended) {
            throw new DataplaneEndedException();
        }
    }

    /** Takes the reservation of a worker that is about to end, from outside; only where there are partitions. */
    synchronized void withdraw(VmWorker worker) {
        partitionOf(worker.cpu()).ifPresent(partition -> partition.withdraw(worker.threadId()));
    }

    /** The partition of a CPU, if there is one. */
    synchronized Optional<CpuPartition> partitionOf(int cpu) {
        return Optional.ofNullable(partitions.get(cpu));
    }

    /** As {@link #close}, for good: no worker is moved to them or scheduled after that. */
    synchronized void end() {
        ended = true;
        close();
    }

    /** Gives the CPUs back: all of them, also when one cannot be. */
    @Override
    public synchronized void close() {
        // Of all, so that each has waited by the time it is closed.
        partitions.values().forEach(CpuPartition::withdrawAll);
        List<AutoCloseable> all = new ArrayList<>(partitions.values());
        if (housekeeping != null) {
            all.add(HousekeepingAffinity::release);
        }
        partitions.clear();
        placement = Placement.AS_STARTED;
        housekeeping = null;
        CloseHelper.closeAll(all);
    }
}
