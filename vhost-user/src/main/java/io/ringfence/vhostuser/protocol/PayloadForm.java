package io.ringfence.vhostuser.protocol;

/** The form of a message's payload (vhost-user.rst, "Payload"). */
public enum PayloadForm {
    /** No payload. */
    NONE(0, 0),
    /** One 64-bit number. */
    U64(8, 8),
    /** Index and number of a vring. */
    VRING_STATE(8, 8),
    /** Index, flags and four addresses of a vring. */
    VRING_ADDRESS(40, 40),
    /** A count and that many memory regions. */
    MEMORY_TABLE(8, 8 + 8 * 32),
    /** One memory region, after 8 bytes of padding. */
    SINGLE_REGION(40, 40),
    /** Something of a protocol feature that this library does not offer: never read. */
    UNSUPPORTED(0, 0);

    /** The longest payload of all forms. */
    public static final int MAX_LENGTH = MEMORY_TABLE.maxLength;

    private final int minLength;
    private final int maxLength;

    PayloadForm(int minLength, int maxLength) {
        this.minLength = minLength;
        this.maxLength = maxLength;
    }

    /** Fewest bytes. */
    public int minLength() {
        return minLength;
    }

    /** Most bytes. */
    public int maxLength() {
        return maxLength;
    }
}
