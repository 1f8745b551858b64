package io.ringfence.config;

/**
 * The CPU time a VM's worker gets: {@code runtimeNanos} in every {@code periodNanos}. Each is within what the kernel
 * takes for SCHED_DEADLINE; whether all reservations fit the host is for admission to say.
 */
public record ReservationSpec(long runtimeNanos, long periodNanos) implements Entitlement {}
