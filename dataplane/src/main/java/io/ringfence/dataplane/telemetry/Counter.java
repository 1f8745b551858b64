package io.ringfence.dataplane.telemetry;

/** What is counted for each VM. Every frame that is taken from a guest and not delivered is in one of the drops. */
public enum Counter {
    /** Frames taken from the VM's transmit queues, delivered or not. */
    TRANSMITTED_FRAMES("tx-frames"),
    /** Bytes of those frames. */
    TRANSMITTED_BYTES("tx-bytes"),
    /** Frames put into the VM's receive queues. */
    RECEIVED_FRAMES("rx-frames"),
    /** Bytes of those frames. */
    RECEIVED_BYTES("rx-bytes"),
    /** Frames of this VM that went to more than one receiver, or to receivers that had to be guessed. */
    FLOODED_FRAMES("flooded-frames"),
    /** Frames of this VM that waited in a handoff because their receiver was contended. */
    HANDED_OFF_FRAMES("handed-off-frames"),
    /** Dropped: shorter than an Ethernet header or without a whole virtio-net header. */
    DROPPED_RUNT("drop-runt"),
    /** Dropped: longer than the network's MTU allows. */
    DROPPED_OVERSIZE("drop-oversize"),
    /** Dropped: asked for an offload that was not negotiated. */
    DROPPED_BAD_OFFLOAD("drop-bad-offload"),
    /** Dropped: its source address is not this VM's, or not an address of one station. */
    DROPPED_SPOOFED("drop-spoofed"),
    /** Dropped: the transmit queue is started but disabled. */
    DROPPED_QUEUE_DISABLED("drop-queue-disabled"),
    /** Dropped: addressed to the VM that sent it. */
    DROPPED_TO_SELF("drop-to-self"),
    /** Dropped: no other VM of the network has a receive queue that is enabled. */
    DROPPED_NO_RECEIVER("drop-no-receiver"),
    /** Dropped: the receiver did not keep up, and the handoff to it was full. */
    DROPPED_CONGESTED("drop-congested"),
    /** Dropped: the receiver's buffers cannot hold the frame. */
    DROPPED_NO_ROOM("drop-no-room"),
    /** Dropped on the receiver's side: it detached while frames waited for it. */
    DROPPED_DETACHED("drop-detached"),
    /** Dropped: the memory of its receiver vanished while it was delivered. */
    DROPPED_MEMORY_LOST("drop-memory-lost"),
    /** Source addresses that were not learned because a MAC table was full. */
    MAC_TABLE_FULL("mac-table-full"),
    /** Virtqueues stopped because the guest broke a rule. */
    QUEUE_FAULTS("queue-faults"),
    /** Sessions ended because the front-end took its memory away. */
    MEMORY_FAULTS("memory-faults"),
    /** Times the worker came to its work. */
    VISITS("visits"),
    /** Times the worker slept until a kick or a doorbell. */
    BLOCKS("blocks"),
    /** Times the worker gave up the CPU because its budget was spent. */
    YIELDS("yields"),
    /** Visits that left frames in the guest's transmit queues because of the VM's limit. */
    LIMITED_VISITS("limited-visits"),
    /** Times this VM's worker found another VM's receive queues claimed. */
    CLAIMS_MISSED("claims-missed");

    private final String label;

    Counter(String label) {
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
