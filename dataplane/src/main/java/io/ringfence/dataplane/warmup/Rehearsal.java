package io.ringfence.dataplane.warmup;

import io.ringfence.dataplane.delivery.Claim;
import io.ringfence.scheduler.NativeThread;
import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.event.EventSet;

/**
 * Makes each of a worker's calls to the kernel, over and over: so often in all that C2 is asked to compile it, however slow the host is.
 *
 * <p>Until then a call through a method handle is linked, interpreted, and may allocate; and when C2 is first asked for a method of a
 * class, HotSpot creates all string constants of that class, in the thread that asks (see {@code Futex}), which would be a worker.
 */
final class Rehearsal {
    /** Above the 5000 of {@code Tier4InvocationThreshold} by far, for that rises while the compiler is busy. */
    private static final int TIMES = 20_000;

    private static final int TIMES_A_TURN = 8;

    /** So many turns are enough. */
    static final int TURNS = TIMES / TIMES_A_TURN;

    /** A holder of claims that the kernel does not know. */
    private static final int STRANGER = Claim.strangeHolder(62);

    private Rehearsal() {}

    /**
     * One turn, some 50 us on a slow host.
     *
     * @param thread the calling thread's
     * @param kick anything that may be signalled
     * @param events among which it is
     * @param claim that nobody has, to be given up
     */
    static void turn(NativeThread thread, EventFd kick, EventSet events, Claim claim) {
        int self = NativeThread.currentId();
        for (int i = 0; i < TIMES_A_TURN; i++) {
            kick.signal();
            events.awaitNanos(0);
            kick.signal();
            events.await(0);
            events.awaitNanos(0);
            thread.rehearseSleep();
            thread.cpuTimeNanos();
            thread.yieldUntilNextPeriod();
            claim.rehearse(self);
            claim.rehearse(STRANGER);
        }
    }
}
