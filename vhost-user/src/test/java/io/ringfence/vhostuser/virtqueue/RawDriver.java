package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.DESCRIPTOR_LENGTH;
import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.descriptorsLength;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.frontend.SharedMemory;
import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryRegion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.IntStream;

/** A driver without scruples: writes whatever it is told into one queue, whatever the ring's layout. */
abstract class RawDriver implements AutoCloseable {
    static final int SIZE = 8;

    final SharedMemory memory;
    final long descriptorArea;
    final long driverArea;
    final long deviceArea;
    /** Offset of 4096 bytes for buffers. */
    final long buffer;
    /** Offset of room for a table of 4096 descriptors. */
    final long table;

    final EventFd call = EventFd.create();
    final EventFd error = EventFd.create();
    final int size;
    private final GuestMemory mapped;

    RawDriver(int size, long lengthBytes, long driverAreaLength, long deviceAreaLength) {
        this.size = size;
        memory = SharedMemory.create(lengthBytes);
        descriptorArea = memory.allocate(descriptorsLength(size), 64);
        driverArea = memory.allocate(driverAreaLength, 64);
        deviceArea = memory.allocate(deviceAreaLength, 64);
        buffer = memory.allocate(4096, 64);
        table = memory.allocate(4096L * DESCRIPTOR_LENGTH, 64);
        mapped = map(0, lengthBytes);
    }

    /** Maps the memory as regions that end at these offsets; the first number is where the first one starts. */
    final GuestMemory map(long... bounds) {
        List<MemoryRegion> regions = IntStream.range(1, bounds.length)
                .mapToObj(i -> region(bounds[i - 1], bounds[i]))
                .toList();
        return new GuestMemory(regions);
    }

    /** Maps the memory as two regions that leave this range out. */
    final GuestMemory mapWithHole(long start, long end) {
        return new GuestMemory(List.of(region(0, start), region(end, memory.lengthBytes())));
    }

    private MemoryRegion region(long start, long end) {
        try {
            return MemoryRegion.map(
                    memory.duplicateFd(), memory.guestAddress(start), end - start, memory.userAddress(start), start);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    final GuestMemory mapped() {
        return mapped;
    }

    /** Address that a descriptor needs to point at this offset. */
    final long address(long offset) {
        return memory.guestAddress(offset);
    }

    /** Writes a descriptor, whose layout decides what the last two numbers are. */
    final void write(long offset, long address, long length, int third, int fourth) {
        MemorySegment segment = memory.segment();
        segment.set(ValueLayout.JAVA_LONG, offset, address);
        segment.set(ValueLayout.JAVA_INT, offset + 8, (int) length);
        segment.set(ValueLayout.JAVA_SHORT, offset + 12, (short) third);
        segment.set(ValueLayout.JAVA_SHORT, offset + 14, (short) fourth);
    }

    final QueueSetup setup(int index, int entries, long descriptors, long driver, long device, int base) {
        return new QueueSetup(
                index,
                entries,
                memory.userAddress(descriptors),
                memory.userAddress(driver),
                memory.userAddress(device),
                base,
                1,
                true,
                null,
                call,
                error);
    }

    /** Has a device use so many chains, into which it says to have written 100 bytes, 101 and so on; not published yet. */
    static void use(Virtqueue device, int chains) {
        BufferChain chain = new BufferChain();
        assertThat(device.available()).isGreaterThanOrEqualTo(chains);
        for (int i = 0; i < chains; i++) {
            assertThat(device.peek(i, device.setup().receives(), chain)).isTrue();
            device.stage(i, chain.head(), 100 + i);
        }
        device.commit(chains);
    }

    /** The device side of the queue, a transmit queue. */
    abstract Virtqueue device(long features);

    /** All memory that a device may not touch unless it gives something back. */
    abstract byte[] contents();

    @Override
    public final void close() {
        mapped.regions().forEach(MemoryRegion::close);
        memory.close();
        call.close();
        error.close();
    }
}
