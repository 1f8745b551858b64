package io.ringfence.config;

/**
 * The CPU time a VM's worker gets: {@code runtimeNanos} in every {@code periodNanos}. Each is within what the kernel
 * takes for SCHED_DEADLINE; whether all reservations fit the host is for admission to say.
 */
public record ReservationSpec(long runtimeNanos, long periodNanos) implements Entitlement {
    /** The least runtime: what a visit costs. With the 1024 ns of sched(7), a worker would hardly come to its end. */
    public static final long MIN_RUNTIME_NANOS = 10_000;
}
