package io.ringfence.config;

/** What a dataplane CPU does while no worker has anything to do. */
public enum CpuIdle {
    /** It stays awake, as with a polling switch: a worker wakes several times faster and for less CPU time. */
    POLL,
    /** It may sleep as deeply as the host lets it: saves power, or leaves a virtual CPU's time to others. */
    SLEEP
}
