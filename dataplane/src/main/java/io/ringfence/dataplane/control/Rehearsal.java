package io.ringfence.dataplane.control;

import io.ringfence.dataplane.delivery.Claim;
import io.ringfence.scheduler.NativeThread;
import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.event.EventSet;

/**
 * Makes each of a worker's calls to the kernel so often that C2 is asked to compile it, however slow the host is.
 *
 * <p>Until then a call through a method handle is linked, interpreted, and may allocate; and when C2 is first asked for a method of a
 * class, HotSpot creates all string constants of that class, in the thread that asks (see {@code Futex}), which would be a worker.
 */
final class Rehearsal {
    /**
     * Above the 5000 of {@code Tier4InvocationThreshold} by far, for that rises while the compiler is busy; below the 60000 of
     * {@code Tier3BackEdgeThreshold}, from which on the loop here would be compiled with the calls as a part of it.
     */
    private static final int TIMES = 20_000;

    private Rehearsal() {}

    /**
     * Takes some half a second on a slow host, which is part of what a restart costs.
     *
     * @param thread the calling thread's
     * @param kick anything that may be signalled
     * @param events among which it is
     * @param claim that nobody has
     */
    static void of(NativeThread thread, EventFd kick, EventSet events, Claim claim) {
        for (int i = 0; i < TIMES; i++) {
            kick.signal();
            events.await(0);
            events.awaitNanos(0);
            thread.rehearseSleep();
            thread.cpuTimeNanos();
            thread.yieldUntilNextPeriod();
            claim.rehearse();
        }
    }
}
