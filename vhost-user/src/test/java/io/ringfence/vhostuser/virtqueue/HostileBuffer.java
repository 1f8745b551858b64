package io.ringfence.vhostuser.virtqueue;

import io.ringfence.vhostuser.frontend.SharedMemory;
import java.util.stream.Stream;

/** A place for a buffer, or for an indirect table, that the device must refuse, whatever the ring's layout. */
record HostileBuffer(String name, RingFault expected, Address address, long length) {
    private static final Address GOOD = SharedMemory::guestAddress;

    /** Where it is, for a memory and the offset of good buffers, or of a good table, in it. */
    interface Address {
        long of(SharedMemory memory, long offset);
    }

    static Stream<HostileBuffer> buffers() {
        return Stream.of(
                new HostileBuffer("buffer at address 0", RingFault.UNMAPPED_ADDRESS, (memory, offset) -> 0, 16),
                new HostileBuffer("buffer below the memory", RingFault.UNMAPPED_ADDRESS, fromStart(-1), 16),
                new HostileBuffer("buffer above the memory", RingFault.UNMAPPED_ADDRESS, fromEnd(0), 1),
                new HostileBuffer("buffer across the end of memory", RingFault.UNMAPPED_ADDRESS, fromEnd(-15), 16),
                new HostileBuffer("address plus length wraps", RingFault.LENGTH, (memory, offset) -> -8, 16),
                new HostileBuffer("address plus length wraps to 1", RingFault.LENGTH, (memory, offset) -> -1, 2),
                new HostileBuffer("length of 4 GiB - 1", RingFault.LENGTH, GOOD, 0xffff_ffffL),
                new HostileBuffer("length of 2 GiB", RingFault.LENGTH, GOOD, 0x8000_0000L));
    }

    static Stream<HostileBuffer> tables(int queueSize) {
        return Stream.of(
                new HostileBuffer("empty indirect table", RingFault.INDIRECT, GOOD, 0),
                new HostileBuffer("indirect table of a descriptor and a half", RingFault.INDIRECT, GOOD, 24),
                new HostileBuffer(
                        "indirect table longer than the queue", RingFault.INDIRECT, GOOD, 16 * (queueSize + 1L)),
                new HostileBuffer("indirect table of nearly 4 GiB", RingFault.INDIRECT, GOOD, 0xffff_fff0L),
                new HostileBuffer(
                        "unmapped indirect table", RingFault.UNMAPPED_ADDRESS, (memory, offset) -> 0x1000, 32),
                new HostileBuffer(
                        "indirect table across the end of memory", RingFault.UNMAPPED_ADDRESS, fromEnd(-16), 32),
                new HostileBuffer(
                        "indirect table that wraps", RingFault.UNMAPPED_ADDRESS, (memory, offset) -> -16, 32));
    }

    private static Address fromStart(long bytes) {
        return (memory, offset) -> memory.guestAddress(bytes);
    }

    private static Address fromEnd(long bytes) {
        return (memory, offset) -> memory.guestAddress(memory.lengthBytes() + bytes);
    }
}
