package io.ringfence.vhostuser.frontend;

/** The feature bits that change how the driver side lays out or drives a queue. */
final class GuestFeatures {
    static final long MRG_RXBUF = 1L << 15;
    static final long INDIRECT_DESC = 1L << 28;
    static final long EVENT_IDX = 1L << 29;
    static final long IN_ORDER = 1L << 35;

    private GuestFeatures() {}

    /** Refuses a layout that the negotiated features do not allow. */
    static void check(QueueOptions options, long features) {
        if (options.indirect() && (features & INDIRECT_DESC) == 0) {
            throw new IllegalArgumentException(
                    "indirect tables wanted, but features 0x%x lack INDIRECT_DESC: negotiate it or use chains"
                            .formatted(features));
        }
    }
}
