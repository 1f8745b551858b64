package io.ringfence.scheduler;

import io.ringfence.scheduler.linux.CpuList;
import io.ringfence.scheduler.linux.Proc;
import io.ringfence.scheduler.linux.SchedAttr;
import io.ringfence.scheduler.linux.SchedulerCalls;
import java.util.BitSet;
import java.util.function.IntSupplier;

/**
 * Sets and reads the scheduling of one thread, by its kernel thread id ({@link NativeThread#currentId()}). Any thread may
 * call these for any other; a worker's scheduling is set from the control side, after its warm-up.
 *
 * <p>RESET_ON_FORK is always set: a DEADLINE thread without it cannot start a thread ({@code clone} fails with EAGAIN, which
 * Java reports as an OutOfMemoryError).
 *
 * @see <a href="https://docs.kernel.org/scheduler/sched-deadline.html">Deadline Task Scheduling</a>
 */
public final class ThreadScheduling {
    private static final long RETRY_NANOS = 1_000_000_000;
    /** What the kernel's timer may be late. */
    static final long RELEASED_WITHIN_NANOS = 100_000;
    /** Ends are to be quick, and periods of this length are rare. */
    static final long LONGEST_AWAITED_PERIOD_NANOS = 200_000_000;

    private ThreadScheduling() {}

    /** What each attempt to schedule a thread goes through, for those who must not let it happen at any time. */
    @FunctionalInterface
    public interface Gate {
        /** Makes the attempt and returns what it returns; or throws, which is the end of all attempts. */
        int pass(IntSupplier attempt);
    }

    /**
     * Gives the thread SCHED_DEADLINE; also changes a reservation it already has. The thread must be in its {@link
     * CpuPartition} before, or have full affinity.
     *
     * <p>Two refusals may pass, so they are tried again for a second: EBUSY, because the bandwidth of another DEADLINE thread
     * that has just ended or been given another policy is released only at the end of its period, and later on a virtual CPU that
     * stands still meanwhile; EPERM, because a thread that was moved to its partition while it slept counts as on its old CPU
     * until it has woken.
     *
     * @throws SchedulingRefusedException if the kernel refuses
     */
    public static void applyDeadline(int threadId, Reservation reservation) {
        applyDeadline(threadId, reservation, IntSupplier::getAsInt);
    }

    /**
     * As {@link #applyDeadline(int, Reservation)}, through a gate.
     *
     * @param gate is passed by each attempt, and not held between two of them
     */
    public static void applyDeadline(int threadId, Reservation reservation, Gate gate) {
        SchedAttr attributes = deadline(reservation);
        int error = setPatiently(threadId, attributes, RETRY_NANOS, gate);
        if (error != 0) {
            throw Refusal.of(threadId, attributes, error);
        }
    }

    /**
     * Has the kernel send SIGXCPU to the process after each period in which this thread used its whole runtime: at the first
     * tick that finds it running again, several of them once. Without a handler, that ends the process. Until the thread is
     * given another reservation or policy.
     *
     * @param threadId of a thread with SCHED_DEADLINE
     * @throws SchedulingRefusedException if the kernel refuses
     */
    public static void signalOverruns(int threadId) {
        SchedAttr attributes = SchedulerCalls.getAttributes(threadId);
        if (attributes.policy() != SchedAttr.SCHED_DEADLINE) {
            throw new IllegalArgumentException("thread " + threadId + " has policy " + attributes.policy()
                    + " of the kernel; expected SCHED_DEADLINE (6)");
        }
        apply(
                threadId,
                new SchedAttr(
                        SchedAttr.SCHED_DEADLINE,
                        attributes.flags() | SchedAttr.SCHED_FLAG_DL_OVERRUN,
                        0,
                        0,
                        attributes.runtimeNanos(),
                        attributes.deadlineNanos(),
                        attributes.periodNanos()));
    }

    /** As {@link #applyDeadline}, but EBUSY is final; returns whether the kernel admitted the reservation. */
    static boolean tryDeadline(int threadId, Reservation reservation) {
        SchedAttr attributes = deadline(reservation);
        int error = setPatiently(threadId, attributes, 0, IntSupplier::getAsInt);
        if (error != 0 && error != SchedulerCalls.EBUSY) {
            throw Refusal.of(threadId, attributes, error);
        }
        return error == 0;
    }

    /**
     * Gives the thread SCHED_FIFO with a priority from 1 to 99.
     *
     * @throws SchedulingRefusedException if the kernel refuses
     */
    public static void applyFifo(int threadId, int priority) {
        apply(threadId, new SchedAttr(SchedAttr.SCHED_FIFO, SchedAttr.SCHED_FLAG_RESET_ON_FORK, 0, priority, 0, 0, 0));
    }

    /**
     * Gives the thread the default policy, with nice 0; for a thread of its own user that takes no right, unless its niceness was
     * above that. One that has the policy stays as it is: whoever was started with {@code nice} may lack the right to lower its
     * niceness. Of a DEADLINE thread that sleeps meanwhile the kernel (6.18) does not release the bandwidth until its partition is
     * removed: see {@link #leaveDeadline}.
     *
     * @throws SchedulingRefusedException if the kernel refuses
     */
    public static void applyOther(int threadId) {
        if (read(threadId).policy() != SchedulingAttributes.Policy.OTHER) {
            returnToOther(threadId);
        }
    }

    /** RESET_ON_FORK stays, which changes nothing at niceness 0: to take it off needs CAP_SYS_NICE, which may be gone by now. */
    private static void returnToOther(int threadId) {
        apply(threadId, new SchedAttr(SchedAttr.SCHED_OTHER, SchedAttr.SCHED_FLAG_RESET_ON_FORK, 0, 0, 0, 0, 0));
    }

    /**
     * As {@link #applyOther(int)}, with a niceness from -20, which goes first, to 19.
     *
     * @throws SchedulingRefusedException if the kernel refuses
     */
    static void applyOther(int threadId, int niceness) {
        apply(threadId, new SchedAttr(SchedAttr.SCHED_OTHER, 0, niceness, 0, 0, 0, 0));
    }

    /**
     * Gives the calling thread the default policy; if it was DEADLINE, returns when the kernel has released its bandwidth, in the
     * period after the next one or somewhat later. For every DEADLINE thread that is to end, or to move, while its CPU stays in use.
     *
     * <p>The kernel releases the bandwidth at the thread's 0-lag time, when what it has used is paid for. If somebody changes cpusets
     * before, the sums of admitted bandwidth are counted anew, without this thread; then its bandwidth is subtracted all the same, and
     * the kernel admits too much, or, below zero, nothing (seen with 6.18: in 54 of 88 partitions made where a busy thread had just
     * ended, and in none since such threads leave this way). Whose period is longer than 200 ms does not wait, and takes that risk.
     *
     * @throws SchedulingRefusedException if the kernel refuses
     */
    public static void leaveDeadline(NativeThread self) {
        int threadId = NativeThread.currentId();
        SchedulingAttributes held = read(threadId);
        if (held.policy() != SchedulingAttributes.Policy.DEADLINE
                || held.periodNanos() > LONGEST_AWAITED_PERIOD_NANOS) {
            applyOther(threadId);
            return;
        }
        // A yield forgoes the runtime that is left, but carries over what is overdrawn: after two of them the runtime
        // is whole.
        self.yieldUntilNextPeriod();
        long beforeNanos = self.cpuTimeNanos(); // a little too early, rather than too late
        self.yieldUntilNextPeriod();
        long wholeNanos = System.nanoTime();
        returnToOther(threadId);
        long usedNanos = self.cpuTimeNanos() - beforeNanos;
        self.sleepUntil(
                wholeNanos + Math.ceilDiv(usedNanos * held.periodNanos(), held.runtimeNanos()) + RELEASED_WITHIN_NANOS);
    }

    /**
     * As {@link #leaveDeadline}, for a thread that does nothing after that but end: where the kernel refuses, the end takes the
     * reservation away, without the wait.
     */
    public static void leaveDeadlineToEnd(NativeThread self) {
        try {
            leaveDeadline(self);
        } catch (SchedulingRefusedException refused) {
            // Nobody has to do anything about it.
        }
    }

    /**
     * Gives all threads of this process the default policy that do not have it, so that they end as fast as there is CPU time: a
     * thread with a tiny reservation has to wait for period after period to exit, and its process with it. Sleeping ones keep
     * their bandwidth until their partition is removed: see {@link #applyOther(int)}.
     */
    public static void withdrawAll() {
        Proc.threads().forEach(ThreadScheduling::withdraw);
    }

    /** As {@link #withdrawAll}, for one thread, which may have ended. Returns the period of the reservation that it had, in ns, or 0. */
    static long withdraw(int threadId) {
        // What this is for has no use for a refusal: the thread has ended, or this process may not.
        try {
            long periodNanos = read(threadId).periodNanos();
            applyOther(threadId);
            return periodNanos;
        } catch (SchedulingRefusedException | IllegalArgumentException none) {
            return 0;
        }
    }

    /**
     * Lets the thread run only while nothing else wants its CPU (SCHED_IDLE); needs no rights.
     *
     * @throws SchedulingRefusedException if the kernel refuses
     */
    public static void applyIdle(int threadId) {
        apply(threadId, new SchedAttr(SchedAttr.SCHED_IDLE, 0, 0, 0, 0, 0, 0));
    }

    /**
     * Ties a thread to one CPU without a partition; needs no rights. Not for SCHED_DEADLINE: such a thread must be able to run
     * on all CPUs of its root domain, which are one CPU in a {@link CpuPartition} only.
     *
     * @throws SchedulingRefusedException if the kernel refuses
     */
    public static void pin(int threadId, int cpu) {
        BitSet one = CpuList.of(cpu);
        int error = SchedulerCalls.setAffinity(threadId, one);
        if (error != 0) {
            throw Refusal.ofAffinity(threadId, one, SchedulerCalls.getAffinity(threadId), error);
        }
    }

    /**
     * Lets a thread run on every CPU that its cpuset has, also where the process was started on fewer; needs no rights. For
     * SCHED_DEADLINE without a partition, where the root domain is all CPUs.
     *
     * @throws SchedulingRefusedException if the kernel refuses
     */
    public static void unpin(int threadId) {
        BitSet all = OnlineCpus.read();
        int error = SchedulerCalls.setAffinity(threadId, all);
        if (error != 0) {
            throw Refusal.ofAffinity(threadId, all, SchedulerCalls.getAffinity(threadId), error);
        }
    }

    /** What the kernel says; an IllegalArgumentException if there is no such thread. */
    public static SchedulingAttributes read(int threadId) {
        return SchedulingAttributes.of(SchedulerCalls.getAttributes(threadId));
    }

    private static SchedAttr deadline(Reservation reservation) {
        long periodNanos = reservation.periodNanos();
        return new SchedAttr(
                SchedAttr.SCHED_DEADLINE,
                SchedAttr.SCHED_FLAG_RESET_ON_FORK | (reservation.reclaims() ? SchedAttr.SCHED_FLAG_RECLAIM : 0),
                0,
                0,
                reservation.runtimeNanos(),
                periodNanos,
                periodNanos);
    }

    private static void apply(int threadId, SchedAttr attributes) {
        int error = SchedulerCalls.setAttributes(threadId, attributes);
        if (error != 0) {
            throw Refusal.of(threadId, attributes, error);
        }
    }

    private static int setPatiently(int threadId, SchedAttr attributes, long retryBusyNanos, Gate gate) {
        long startNanos = System.nanoTime();
        int error = gate.pass(() -> SchedulerCalls.setAttributes(threadId, attributes));
        for (long pauseMillis = 1; error != 0; pauseMillis *= 2) {
            long retryNanos = switch (error) {
                case SchedulerCalls.EBUSY -> retryBusyNanos;
                case SchedulerCalls.EPERM -> Proc.hasNiceCapability() ? RETRY_NANOS : 0;
                default -> 0;
            };
            if (System.nanoTime() - startNanos >= retryNanos || !pause(pauseMillis)) {
                break;
            }
            error = gate.pass(() -> SchedulerCalls.setAttributes(threadId, attributes));
        }
        return error;
    }

    static boolean pause(long millis) {
        try {
            Thread.sleep(millis);
            return true;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
