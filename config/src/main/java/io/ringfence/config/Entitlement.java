package io.ringfence.config;

/** What a VM is entitled to: CPU time outright, or packets for which the CPU time is derived. */
public sealed interface Entitlement permits ReservationSpec, GuaranteeSpec {}
