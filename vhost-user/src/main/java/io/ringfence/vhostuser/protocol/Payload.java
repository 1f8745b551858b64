package io.ringfence.vhostuser.protocol;

import java.util.List;

/** The payload of a message, as an immutable view. Integers of the wire are unsigned. */
public sealed interface Payload {
    /** No payload. */
    Payload NONE = new None();

    /** No payload; see {@link #NONE}. */
    record None() implements Payload {}

    /** One 64-bit number. */
    record U64(long value) implements Payload {}

    /** Something about one vring: its size, base or whether it is enabled. */
    record VringState(int index, int number) implements Payload {}

    /** Where the three parts of a vring are, in the front-end's own addresses. */
    record VringAddress(int index, int flags, long descriptors, long used, long available, long log)
            implements Payload {}

    /** Guest memory as a whole; one file descriptor goes with each region. */
    record MemoryTable(List<Region> regions) implements Payload {
        /** Copies the list. */
        public MemoryTable {
            regions = List.copyOf(regions);
        }
    }

    /** One region of guest memory, to be added or removed. */
    record SingleRegion(Region region) implements Payload {}

    /**
     * A memory region description.
     *
     * @param guestAddress guest physical address of its first byte
     * @param lengthBytes its length
     * @param userAddress the front-end's address of its first byte
     * @param fileOffset where it starts in the file
     */
    record Region(long guestAddress, long lengthBytes, long userAddress, long fileOffset) {}
}
