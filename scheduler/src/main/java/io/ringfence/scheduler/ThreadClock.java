package io.ringfence.scheduler;

import io.ringfence.scheduler.linux.OwnServer;

/** What the kernel says of the calling thread. Production has one implementation, {@link NativeThread}, so calls stay direct. */
@FunctionalInterface
public interface ThreadClock {
    /** What {@link #runtimeLeftNanos} returns if the kernel does not tell. */
    long UNKNOWN = OwnServer.UNKNOWN;

    /** CPU time used by the calling thread so far, in ns. */
    long cpuTimeNanos();

    /** Runtime that the kernel's server of the calling thread had left when its CPU time was last read, or {@link #UNKNOWN}. */
    default long runtimeLeftNanos() {
        return UNKNOWN;
    }
}
