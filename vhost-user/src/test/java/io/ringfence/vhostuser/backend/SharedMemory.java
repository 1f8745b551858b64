package io.ringfence.vhostuser.backend;

import io.ringfence.vhostuser.linux.Libc;
import io.ringfence.vhostuser.memory.MemoryRegion;
import io.ringfence.vhostuser.protocol.Payload.Region;
import io.ringfence.vhostuser.protocol.Payload.VringAddress;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A memfd as guest memory, with room for four rings at its start. */
final class SharedMemory implements AutoCloseable {
    static final long LENGTH = 1 << 20;
    static final long GUEST = 0x4000_0000L;
    static final long USER = 0x7f00_0000_0000L;
    private static final long RING_STRIDE = 0x10000;

    final int fd;
    private final MemoryRegion mapping;

    SharedMemory() throws IOException {
        fd = Libc.check("memfd_create", Libc.memfd_create("guest", 1));
        Libc.check("ftruncate", Libc.ftruncate(fd, LENGTH));
        int copy = Libc.check("fcntl(F_DUPFD_CLOEXEC)", Libc.fcntl(fd, 1030, 0));
        mapping = MemoryRegion.map(copy, GUEST, LENGTH, USER, 0);
    }

    static Region region() {
        return new Region(GUEST, LENGTH, USER, 0);
    }

    static VringAddress ring(int index) {
        long start = USER + RING_STRIDE * index;
        return new VringAddress(index, 0, start, start + 0x8000, start + 0x4000, 0);
    }

    MemorySegment available(int index) {
        return mapping.segment().asSlice(RING_STRIDE * index + 0x4000);
    }

    void truncate() {
        resize(0);
    }

    void resize(long lengthBytes) {
        Libc.check("ftruncate", Libc.ftruncate(fd, lengthBytes));
    }

    @Override
    public void close() {
        mapping.close();
        Libc.close(fd);
    }
}
