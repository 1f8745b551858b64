package io.ringfence.vhostuser.virtqueue;

/** Why a virtqueue was stopped: what its driver wrote there that VIRTIO 1.3 forbids, or what makes it useless. */
public enum RingFault {
    /** The available index ran ahead of the driver's own ring by more than the queue size, or went backwards. */
    AVAILABLE_INDEX("available index is more than the queue size ahead"),
    /** A head or next field is not an index of the descriptor table. */
    DESCRIPTOR_INDEX("descriptor index is outside the descriptor table"),
    /**
     * The chain has more descriptors than the queue, so it holds a loop ("MUST NOT create a loop", 2.7.5); or more than
     * {@link BufferChain#MAX_PIECES}, which the specification allows in a larger queue and we do not. Or, in a packed
     * queue, it goes on in descriptors that the driver has not made available.
     */
    DESCRIPTOR_LOOP("descriptor chain is longer than the queue, than 1024 descriptors or than what is available"),
    /** A buffer or an indirect table lies, wholly or partly, outside the memory that the front-end shared. */
    UNMAPPED_ADDRESS("descriptor points outside the shared memory"),
    /** A buffer's address plus length wraps around, or the chain's total length exceeds 32 bits. */
    LENGTH("descriptor lengths overflow"),
    /** A transmit chain holds a writable buffer, or a receive chain a readable one. */
    DIRECTION("descriptor has the wrong direction for its queue"),
    /** INDIRECT without the feature, together with NEXT, nested, or with a table of none, too many or no whole descriptors. */
    INDIRECT("indirect descriptor is malformed"),
    /**
     * A packed queue that was in use when its back-end died starts at the beginning again, and there is no {@link RedoLog} of it,
     * or none that agrees with its ring.
     */
    POSITION_LOST("it was in use before and nobody knows where to go on: reboot the guest, or load its driver anew");

    private final String reason;

    RingFault(String reason) {
        this.reason = reason;
    }

    /** A sentence fragment for the event that reports the fault. */
    public String reason() {
        return reason;
    }
}
