package io.ringfence.scheduler;

import io.ringfence.scheduler.linux.Futex;
import io.ringfence.scheduler.linux.OwnServer;
import io.ringfence.scheduler.linux.SchedulerCalls;
import io.ringfence.scheduler.linux.ThreadCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A worker's own calls: yield, sleep, CPU time. One instance per thread, used by that thread only; nothing here
 * allocates, locks or blocks a safepoint.
 */
public final class NativeThread implements ThreadClock, AutoCloseable {
    private final MemorySegment timespec = Arena.ofAuto().allocate(ThreadCalls.TIMESPEC_BYTES, 8);
    private @Nullable OwnServer server;

    /** The kernel's id of the calling thread, as {@link ThreadScheduling} and {@link CpuPartition} take it. */
    public static int currentId() {
        return ThreadCalls.threadId();
    }

    /**
     * Sets the timer slack of the calling thread; SCHED_OTHER sleeps come up to 50 us late otherwise (DEADLINE and FIFO
     * have none). Not for the packet path. Returns whether the kernel took it.
     */
    public static boolean setTimerSlack(long nanos) {
        return SchedulerCalls.setTimerSlack(nanos) == 0;
    }

    /** Gives up the rest of the runtime; under SCHED_DEADLINE it returns in the next period, else soon. */
    public void yieldUntilNextPeriod() {
        ThreadCalls.yieldProcessor();
    }

    /** Sleeps in native code until {@code System.nanoTime()} is {@code wakeNanos}; returns false at once if that is past. */
    public boolean sleepUntil(long wakeNanos) {
        return ThreadCalls.sleepUntil(wakeNanos, timespec);
    }

    /** Has the kernel's part of {@link #sleepUntil} called, without a sleep: see {@link InheritingLock#rehearse}. */
    public void rehearseSleep() {
        ThreadCalls.clockNanosleep(0, timespec);
    }

    /** Waits for a lock in native code: {@link InheritingLock#lockLending}. */
    boolean lock(MemorySegment word, long untilNanos) {
        return Futex.lock(word, untilNanos, timespec);
    }

    @Override
    public long cpuTimeNanos() {
        return ThreadCalls.cpuTimeNanos(timespec);
    }

    /** To be called once before {@link #runtimeLeftNanos} is to tell anything; by the thread itself, until {@link #close}. */
    public void watchServer() {
        if (server == null) {
            server = new OwnServer();
        }
    }

    /** As {@link #watchServer}, for a thread that has none: {@link #runtimeLeftNanos} reads as much, and says nothing of use. */
    public void rehearseServer() {
        if (server == null) {
            server = OwnServer.rehearsed();
        }
    }

    @Override
    public long runtimeLeftNanos() {
        OwnServer watched = server;
        return watched == null ? UNKNOWN : watched.runtimeLeftNanos();
    }

    /** Ends what {@link #watchServer} began. */
    @Override
    public void close() {
        if (server != null) {
            server.close();
            server = null;
        }
    }
}
