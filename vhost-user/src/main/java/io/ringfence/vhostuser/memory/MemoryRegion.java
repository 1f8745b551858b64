package io.ringfence.vhostuser.memory;

import com.sun.jna.Pointer;
import io.ringfence.vhostuser.linux.FileDescriptors;
import io.ringfence.vhostuser.linux.Libc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * One region of guest memory, mapped shared into this process (vhost-user, "Memory region description").
 *
 * <p>Any thread may access the segment until {@link #close}. The mapping can shrink under us when the front-end
 * truncates the file: an access then throws {@link InternalError} instead of killing the JVM, as long as it goes
 * through the segment.
 */
public final class MemoryRegion implements AutoCloseable {
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED_NORESERVE = 0x4001;
    private static final int MADV_POPULATE_READ = 22;
    private static final int MADV_POPULATE_WRITE = 23;
    private static final int EFAULT = 14;
    private static final int EHWPOISON = 133;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final long guestAddress;
    private final long lengthBytes;
    private final long userAddress;
    private final long fileOffset;
    private final int fd;
    private final FilePlace start;
    private final Arena arena;
    private final MemorySegment segment;

    private MemoryRegion(
            long guestAddress,
            long lengthBytes,
            long userAddress,
            long fileOffset,
            int fd,
            FilePlace start,
            Arena arena,
            long mapped,
            long mappedLength,
            long mappedOffset) {
        this.guestAddress = guestAddress;
        this.lengthBytes = lengthBytes;
        this.userAddress = userAddress;
        this.fileOffset = fileOffset;
        this.fd = fd;
        this.start = start;
        this.arena = arena;
        this.segment = MemorySegment.ofAddress(mapped)
                .reinterpret(mappedLength, arena, ignored -> Libc.munmap(mapped, mappedLength))
                .asSlice(fileOffset - mappedOffset, lengthBytes);
    }

    /**
     * Maps a region and takes ownership of its file descriptor.
     *
     * @param guestAddress guest physical address of the first byte
     * @param lengthBytes length of the region
     * @param userAddress address of the first byte in the front-end's address space
     * @param fileOffset where the region starts in the file
     * @throws IOException if the numbers are not a region of that file, or it cannot be mapped; the descriptor then
     *     still belongs to the caller
     */
    public static MemoryRegion map(int fd, long guestAddress, long lengthBytes, long userAddress, long fileOffset)
            throws IOException {
        String description = "memory region guest=0x%x length=0x%x user=0x%x offset=0x%x"
                .formatted(guestAddress, lengthBytes, userAddress, fileOffset);
        long end = fileOffset + lengthBytes;
        if (lengthBytes <= 0 || fileOffset < 0 || end < 0) {
            throw new IOException(description + ": length and end of the region must be positive 63-bit numbers");
        }
        if (wraps(guestAddress, lengthBytes) || wraps(userAddress, lengthBytes)) {
            throw new IOException(description + ": its addresses wrap around the end of the address space");
        }
        requireMemory(fd);
        long fileLength = fileLength(fd);
        if (end > fileLength) {
            throw new IOException(
                    description + ": it ends beyond the file, which has 0x%x bytes".formatted(fileLength));
        }
        FilePlace start = place(fd, fileOffset);
        // In whole pages of the file: mmap and munmap of hugetlbfs refuse any other, and regions need not have them.
        long page = Libc.blockSize(fd);
        long mappedOffset = fileOffset / page * page;
        long mappedLength = (end - mappedOffset + page - 1) / page * page;
        Pointer mapped = Libc.mmap(0, mappedLength, PROT_READ_WRITE, MAP_SHARED_NORESERVE, fd, mappedOffset);
        long address = Pointer.nativeValue(mapped);
        if (address == -1) {
            throw new IOException(description + ": mmap failed: " + Libc.strerror(Libc.errno()));
        }
        return new MemoryRegion(
                guestAddress,
                lengthBytes,
                userAddress,
                fileOffset,
                fd,
                start,
                Arena.ofShared(),
                address,
                mappedLength,
                mappedOffset);
    }

    private static boolean wraps(long address, long lengthBytes) {
        return Long.compareUnsigned(address + lengthBytes - 1, address) < 0;
    }

    private static Path path(int fd) {
        return Path.of("/proc/self/fd/" + fd);
    }

    /**
     * Refuses what can keep a thread waiting in an access, and so the JVM at its next safepoint: a file system of the
     * front-end's own (FUSE), or a disk. Asks nobody but the kernel.
     */
    private static void requireMemory(int fd) throws IOException {
        if (!FileDescriptors.isMemory(fd)) {
            throw new IOException("expected a memfd or a file of tmpfs or hugetlbfs, found a descriptor of "
                    + Files.readSymbolicLink(path(fd)));
        }
    }

    private static long fileLength(int fd) throws IOException {
        return Files.size(path(fd));
    }

    private static FilePlace place(int fd, long offset) throws IOException {
        Path file = path(fd);
        return new FilePlace(
                (long) Files.getAttribute(file, "unix:dev"), (long) Files.getAttribute(file, "unix:ino"), offset);
    }

    /** Guest physical address of the first byte. */
    public long guestAddress() {
        return guestAddress;
    }

    /** Address of the first byte in the front-end's address space; virtqueue addresses are of this kind. */
    public long userAddress() {
        return userAddress;
    }

    /** Length in bytes. */
    public long lengthBytes() {
        return lengthBytes;
    }

    /** The region's memory; offset 0 is its first byte. */
    public MemorySegment segment() {
        return segment;
    }

    /** Which byte of its file lies at this offset of the region. */
    FilePlace place(long offset) {
        return new FilePlace(start.device(), start.inode(), start.offset() + offset);
    }

    /**
     * Reads 16 bits, little-endian, with a system call: for a thread that may not meet an {@link InternalError}.
     *
     * <p>Compiled code throws that one a little after the access, and so perhaps out of the block that would catch it.
     *
     * @param offset where in the region
     * @throws IOException if the front-end has truncated the file, or it cannot be read
     */
    public int readShort(long offset) throws IOException {
        try (Arena buffer = Arena.ofConfined()) {
            MemorySegment value = buffer.allocate(SHORT);
            long read = Libc.pread(fd, value.address(), Short.BYTES, fileOffset + offset);
            if (read < 0) {
                throw new IOException("pread failed: " + Libc.strerror(Libc.errno()));
            }
            if (read < Short.BYTES) {
                throw new IOException("the shared memory that it lies in was truncated");
            }
            return value.get(SHORT, 0) & 0xffff;
        }
    }

    /** Whether the front-end has since made the file shorter than the region, so that accesses may throw. */
    public boolean truncated() {
        try {
            return fileLength(fd) < fileOffset + lengthBytes;
        } catch (IOException e) {
            return true;
        }
    }

    /**
     * Whether an access to this range would fault now, perhaps though the file is long enough: it is of huge pages of which none is
     * free, its file system is full, or the memory is broken. Asks the kernel, which brings the pages in where it can (madvise(2),
     * MADV_POPULATE_READ); one before Linux 5.14 cannot say, and nothing faults then. For after a fault.
     */
    boolean faults(long offset, long length, boolean write) {
        long from = segment.address() + offset;
        long pageStart = from & -Libc.getpagesize();
        int advice = write ? MADV_POPULATE_WRITE : MADV_POPULATE_READ;
        if (Libc.madvise(pageStart, from + length - pageStart, advice) == 0) {
            return false;
        }
        int reason = Libc.errno();
        return reason == EFAULT || reason == EHWPOISON;
    }

    /** Whether it was mapped of this file from this offset on. For the control path. */
    public boolean isOf(int otherFd, long otherFileOffset) {
        try {
            return fileOffset == otherFileOffset
                    && FileDescriptors.isMemory(otherFd)
                    && Files.isSameFile(path(fd), path(otherFd));
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether the two regions share a guest physical address. */
    public boolean overlaps(MemoryRegion other) {
        return Long.compareUnsigned(guestAddress, other.guestAddress + other.lengthBytes - 1) <= 0
                && Long.compareUnsigned(other.guestAddress, guestAddress + lengthBytes - 1) <= 0;
    }

    /** Unmaps the region; only when no thread knows it any more. An access after that throws. */
    @Override
    public void close() {
        arena.close();
        Libc.close(fd);
    }

    @Override
    public String toString() {
        return "region guest=0x%x length=0x%x user=0x%x".formatted(guestAddress, lengthBytes, userAddress);
    }
}
