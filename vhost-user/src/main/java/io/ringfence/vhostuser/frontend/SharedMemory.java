package io.ringfence.vhostuser.frontend;

import com.sun.jna.Pointer;
import io.ringfence.vhostuser.linux.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The memory of an embedded guest: one memfd, mapped once, from which rings and buffers are allocated and never freed.
 *
 * <p>Allocation by one thread; the segment may be accessed by any. Places in it are named by their offset.
 */
public final class SharedMemory implements AutoCloseable {
    /** Guest physical address of offset 0. */
    public static final long GUEST_ADDRESS = 0x1_0000_0000L;

    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_HUGETLB = 4;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED = 1;
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int HUGE_PAGE_LENGTH_BYTES = 2 << 20;

    private final int fd;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment segment;
    private long allocated;

    private SharedMemory(int fd, long lengthBytes) {
        this.fd = fd;
        Pointer mapped = Libc.mmap(0, lengthBytes, PROT_READ_WRITE, MAP_SHARED, fd, 0);
        long address = Pointer.nativeValue(mapped);
        if (address == -1) {
            String reason = Libc.strerror(Libc.errno());
            Libc.close(fd);
            throw new IllegalStateException(
                    "mmap of 0x%x bytes of guest memory failed: %s; free memory or reserve huge pages"
                            .formatted(lengthBytes, reason));
        }
        segment = MemorySegment.ofAddress(address)
                .reinterpret(lengthBytes, arena, ignored -> Libc.munmap(address, lengthBytes));
    }

    /** Creates zeroed memory of ordinary pages. */
    public static SharedMemory create(long lengthBytes) {
        return create(lengthBytes, MFD_CLOEXEC);
    }

    /**
     * Creates zeroed memory of 2 MiB pages.
     *
     * @param lengthBytes a multiple of 2 MiB
     * @throws IllegalStateException if the host has not enough free huge pages
     */
    public static SharedMemory createOfHugePages(long lengthBytes) {
        if (lengthBytes % HUGE_PAGE_LENGTH_BYTES != 0) {
            throw new IllegalArgumentException("length 0x%x: expected a multiple of 2 MiB".formatted(lengthBytes));
        }
        return create(lengthBytes, MFD_CLOEXEC | MFD_HUGETLB);
    }

    private static SharedMemory create(long lengthBytes, int flags) {
        if (lengthBytes <= 0 || lengthBytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("length 0x%x: expected 1 byte to 2 GiB".formatted(lengthBytes));
        }
        int fd = Libc.check("memfd_create", Libc.memfd_create("ringfence-guest", flags));
        if (Libc.ftruncate(fd, lengthBytes) < 0) {
            String reason = Libc.strerror(Libc.errno());
            Libc.close(fd);
            throw new IllegalStateException(
                    "ftruncate of guest memory to 0x%x bytes failed: %s".formatted(lengthBytes, reason));
        }
        return new SharedMemory(fd, lengthBytes);
    }

    /**
     * Reserves a range.
     *
     * @return its offset, a multiple of {@code alignment}, which must be a power of two
     */
    public long allocate(long lengthBytes, int alignment) {
        long offset = (allocated + alignment - 1) & -alignment;
        if (offset + lengthBytes > segment.byteSize()) {
            throw new IllegalStateException(
                    "guest memory of 0x%x bytes has no 0x%x left at 0x%x; give the guest more memory"
                            .formatted(segment.byteSize(), lengthBytes, offset));
        }
        allocated = offset + lengthBytes;
        return offset;
    }

    /** The whole memory. */
    public MemorySegment segment() {
        return segment;
    }

    /** Length in bytes, as created. */
    public long lengthBytes() {
        return segment.byteSize();
    }

    /** Guest physical address of an offset: what descriptors hold. */
    public long guestAddress(long offset) {
        return GUEST_ADDRESS + offset;
    }

    /** Address of an offset in this process: what virtqueue set-up names. */
    public long userAddress(long offset) {
        return segment.address() + offset;
    }

    /** Touches all of it, as QEMU does with {@code prealloc=on}. */
    public void touch() {
        segment.fill((byte) 0);
    }

    /** The memfd; it stays this object's. */
    public int fd() {
        return fd;
    }

    /** A second descriptor of the memfd, which the caller owns. */
    public int duplicateFd() {
        return Libc.check("fcntl(F_DUPFD_CLOEXEC)", Libc.fcntl(fd, F_DUPFD_CLOEXEC, 0));
    }

    /** Shrinks the file under everybody who mapped it, as a hostile guest's front-end would. */
    public void truncate(long lengthBytes) {
        Libc.check("ftruncate", Libc.ftruncate(fd, lengthBytes));
    }

    /** Unmaps; only when no queue in this memory is used any more. */
    @Override
    public void close() {
        arena.close();
        Libc.close(fd);
    }
}
