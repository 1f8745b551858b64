package io.ringfence.scheduler;

import io.ringfence.scheduler.linux.DeadlineServers;
import io.ringfence.scheduler.linux.DeadlineServers.Server;
import io.ringfence.scheduler.linux.Proc;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The most that the kernel admits on one CPU that is a root domain of its own, in the kernel's own numbers: {@code
 * __dl_overflow()} adds up {@code runtime * 2^20 / period} of each reservation, rounded down, and compares the sum with {@code
 * sched_rt_runtime_us * 2^20 / sched_rt_period_us}. The kernel's own servers (fair server) are part of the sum.
 *
 * @param bandwidth what is left to reservations, in 2^-20 of a CPU; may be 0
 * @param origin how it is known
 */
public record CpuLimit(long bandwidth, Origin origin) {
    /** How a limit is known. */
    public enum Origin {
        /** The kernel has said all of it. */
        READ,
        /** What the kernel's servers take is not readable, and taken to be this kernel's default. */
        ASSUMED,
        /** By trying in the partition. */
        PROBED
    }

    private static final int BANDWIDTH_SHIFT = 20; // BW_SHIFT
    private static final DeadlineServers SERVERS = new DeadlineServers(Proc::read);
    private static final long WHOLE = 1L << BANDWIDTH_SHIFT;

    /** The limit of a CPU that is not there. */
    public static final CpuLimit NOTHING = new CpuLimit(0, Origin.READ);

    /** The limit of a CPU if the kernel kept nothing for its own servers: no setting of theirs allows more. */
    public static CpuLimit withoutServers() {
        return of(RealtimeRuntime.read());
    }

    private static CpuLimit of(RealtimeRuntime realtime) {
        // With admission switched off the CPU can still not give more than it has.
        long all = realtime.limited() ? bandwidth(realtime.runtimeMicros(), realtime.periodMicros()) : WHOLE;
        return new CpuLimit(all, Origin.READ);
    }

    /** Reads what the kernel says about a CPU; changes nothing. */
    public static CpuLimit read(int cpu) {
        RealtimeRuntime realtime = RealtimeRuntime.read();
        CpuLimit all = of(realtime);
        if (!realtime.limited()) {
            return all;
        }
        Optional<List<Server>> servers = SERVERS.of(cpu);
        long taken = servers.orElseGet(SERVERS::defaults).stream()
                .mapToLong(server -> bandwidth(server.runtimeNanos(), server.periodNanos()))
                .sum();
        return new CpuLimit(Math.max(all.bandwidth - taken, 0), servers.isPresent() ? Origin.READ : Origin.ASSUMED);
    }

    /** What a partition's CPU takes in all, by trying: what is there already and what the kernel would admit beside it. */
    public static CpuLimit probe(CpuPartition partition, Collection<Reservation> admitted) {
        long residual = (long) (AdmissionControl.probeResidual(partition) * WHOLE);
        return new CpuLimit(load(admitted) + residual, Origin.PROBED);
    }

    /** The sum of reservations, as the kernel adds them up. */
    public static long load(Collection<Reservation> reservations) {
        return reservations.stream()
                .mapToLong(reservation -> bandwidth(reservation.runtimeNanos(), reservation.periodNanos()))
                .sum();
    }

    /** The kernel's {@code to_ratio()}. */
    public static long bandwidth(long runtime, long period) {
        return (runtime << BANDWIDTH_SHIFT) / period;
    }

    /** Whether the kernel admits all of these together. */
    public boolean admits(Collection<Reservation> reservations) {
        return load(reservations) <= bandwidth;
    }

    /** What is left beside these, as a share of the CPU; negative if they are too much. */
    public double left(Collection<Reservation> reservations) {
        return (double) (bandwidth - load(reservations)) / WHOLE;
    }

    /** As a share of the CPU. */
    public double share() {
        return (double) bandwidth / WHOLE;
    }
}
