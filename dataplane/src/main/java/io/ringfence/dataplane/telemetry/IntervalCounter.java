package io.ringfence.dataplane.telemetry;

/**
 * What the auditor says of a VM's last interval of a second, and of all of them. Those of the last interval are replaced
 * at the end of each; none of them is written by a worker.
 */
public enum IntervalCounter {
    /** Frames a second that the VM is guaranteed; 0 if it has no guarantee. */
    GUARANTEED_RATE("guaranteed-rate"),
    /** Frames that the worker saw in the VM's transmit queues. */
    OFFERED("interval-offered"),
    /** Frames of the VM that went on to their receivers. */
    CARRIED("interval-carried"),
    /** Frames of the VM that were dropped, whatever the cause. */
    DROPPED("interval-dropped"),
    /** CPU time that the reservation gave. */
    RESERVED_NANOS("interval-reserved-ns"),
    /** CPU time that the worker used. */
    USED_NANOS("interval-used-ns"),
    /** Time in which the worker could have run, but did not have the CPU. */
    WAITED_NANOS("interval-waited-ns"),
    /** Worst latency inside Ringfence. */
    WORST_LATENCY_NANOS("interval-worst-latency-ns"),
    /** The same, of frames that waited for a receiver without room or for the VM's own limit. */
    WORST_HELD_UP_LATENCY_NANOS("interval-worst-held-up-latency-ns"),
    /** Intervals so far in which the guarantee was kept. */
    KEPT("intervals-kept"),
    /** Intervals in which it was not, for the guest offered more. */
    GUEST_EXCEEDED("intervals-guest-exceeded"),
    /** Intervals in which it was not, for a receiver had no room. */
    RECEIVER_HELD_UP("intervals-receiver-held-up"),
    /** Intervals in which it was not, for the host did not deliver. */
    HOST_FAILED("intervals-host-failed");

    private final String label;

    IntervalCounter(String label) {
        this.label = label;
    }

    /** Position of the counter among those of its VM. */
    @SuppressWarnings("EnumOrdinal") // the order of declaration is the layout, and nobody stores it
    public int index() {
        return ordinal();
    }

    /** Name in the counters file and in metrics. */
    public String label() {
        return label;
    }
}
