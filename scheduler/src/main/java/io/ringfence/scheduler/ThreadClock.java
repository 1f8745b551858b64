package io.ringfence.scheduler;

/** The CPU time of the calling thread. Production has one implementation, {@link NativeThread}, so calls stay direct. */
@FunctionalInterface
public interface ThreadClock {
    /** CPU time used by the calling thread so far, in ns. */
    long cpuTimeNanos();
}
