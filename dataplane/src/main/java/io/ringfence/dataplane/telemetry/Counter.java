package io.ringfence.dataplane.telemetry;

/** What is counted for each VM. Every frame that is taken from a guest and not delivered is in one of the drops. */
public enum Counter {
    /** Frames taken from the VM's transmit queues, delivered or not. */
    TRANSMITTED_FRAMES("tx-frames"),
    /** Bytes of those frames. */
    TRANSMITTED_BYTES("tx-bytes"),
    /** Packets that TSO and USO frames among those stand for, beyond one each. */
    TRANSMITTED_SEGMENTS("tx-segments"),
    /** Of these, the ones that were dropped with their frames: a drop counts frames. */
    DROPPED_SEGMENTS("tx-segments-dropped"),
    /** Frames put into the VM's receive queues. */
    RECEIVED_FRAMES("rx-frames"),
    /** Bytes of those frames. */
    RECEIVED_BYTES("rx-bytes"),
    /** Frames of this VM that went to more than one receiver, or to receivers that had to be guessed. */
    FLOODED_FRAMES("flooded-frames"),
    /** Frames of this VM that waited in a handoff because their receiver was contended. */
    HANDED_OFF_FRAMES("handed-off-frames"),
    /** Checksums that this VM's worker computed for receivers that do not do it. */
    SOFTWARE_CHECKSUMS("software-checksums"),
    /** Frames that this VM's worker cut into packets for receivers that do not take them whole. */
    SOFTWARE_SEGMENTED_FRAMES("software-segmented-frames"),
    /** Dropped: shorter than an Ethernet header or without a whole virtio-net header. */
    DROPPED_RUNT("drop-runt"),
    /** Dropped: longer than the network's MTU allows. */
    DROPPED_OVERSIZE("drop-oversize"),
    /** Dropped: asked for an offload that was not negotiated, or that makes no sense for it. */
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
    /** Dropped on the receiver's side: one of its receive queues lacked buffers while frames for its others waited. */
    DROPPED_STARVED_QUEUE("drop-starved-queue"),
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
    CLAIMS_MISSED("claims-missed"),
    /** Waits for a worker that had a claim for long, with this VM's deadline lent to it. */
    DEADLINES_LENT("deadlines-lent"),
    /** Not a sum: frames that the worker has seen in the VM's transmit queues and not taken yet. */
    WAITING_FRAMES("tx-waiting"),
    /** Not a sum: the most frames that waited at once, in all transmit queues, since the auditor last took it. */
    MOST_WAITING_FRAMES("tx-most-waiting"),
    /** Periods in which the worker used more than its runtime, so that the kernel throttled it: see BudgetMeter. */
    THROTTLES("throttles"),
    /** Not a sum: the worst latency inside Ringfence since the auditor last took it. See {@link Latency}. */
    WORST_LATENCY_NANOS("worst-latency-ns"),
    /** Not a sum: the same, of frames that waited for a receiver without room or for their VM's own limit. */
    WORST_HELD_UP_LATENCY_NANOS("worst-held-up-latency-ns"),
    /** Time in all the stalls below. */
    STALLED_NANOS("stalled-ns"),
    /** Times the worker could have run and did not, from 2^16 ns to 2^17 ns. See {@link Stalls}. */
    STALLS_FROM_66_US("stalls-66us"),
    /** From 2^17 ns. */
    STALLS_FROM_131_US("stalls-131us"),
    /** From 2^18 ns. */
    STALLS_FROM_262_US("stalls-262us"),
    /** From 2^19 ns. */
    STALLS_FROM_524_US("stalls-524us"),
    /** From 2^20 ns. */
    STALLS_FROM_1_MS("stalls-1ms"),
    /** From 2^21 ns. */
    STALLS_FROM_2_MS("stalls-2ms"),
    /** From 2^22 ns. */
    STALLS_FROM_4_MS("stalls-4ms"),
    /** From 2^23 ns. */
    STALLS_FROM_8_MS("stalls-8ms"),
    /** From 2^24 ns. */
    STALLS_FROM_17_MS("stalls-17ms"),
    /** From 2^25 ns. */
    STALLS_FROM_34_MS("stalls-34ms"),
    /** From 2^26 ns. */
    STALLS_FROM_67_MS("stalls-67ms"),
    /** From 2^27 ns. */
    STALLS_FROM_134_MS("stalls-134ms"),
    /** From 2^28 ns on. */
    STALLS_FROM_268_MS("stalls-268ms");

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
