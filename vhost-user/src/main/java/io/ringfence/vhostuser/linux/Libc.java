package io.ringfence.vhostuser.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The libc functions of the control path, by JNA; failures return -1 and leave the reason in {@link #errno()}. */
public final class Libc {
    static {
        Native.register(Libc.class, "c");
    }

    /** Enough for {@code struct statfs} of 64-bit Linux, whose second field is the block size. */
    private static final int STATFS_LENGTH = 256;

    private static final int STATFS_BSIZE_OFFSET = 8;

    private Libc() {}

    /** See eventfd(2). */
    public static native int eventfd(int initial, int flags);

    /** See fcntl(2), with an integer argument. */
    public static native int fcntl(int fd, int command, int argument);

    /** See close(2). */
    public static native int close(int fd);

    /** See epoll_create1(2). */
    public static native int epoll_create1(int flags);

    /** See epoll_ctl(2). */
    public static native int epoll_ctl(int epollFd, int operation, int fd, long event);

    /** See mmap(2). */
    public static native Pointer mmap(long address, long length, int protection, int flags, int fd, long offset);

    /** See munmap(2). */
    public static native int munmap(long address, long length);

    /** See madvise(2). */
    public static native int madvise(long address, long length, int advice);

    /** See getpagesize(2). */
    public static native int getpagesize();

    /** See memfd_create(2). */
    public static native int memfd_create(String name, int flags);

    /** See ftruncate(2). */
    public static native int ftruncate(int fd, long length);

    /** See pread(2). */
    public static native long pread(int fd, long buffer, long length, long offset);

    /** See preadv2(2); offset -1 for a file without a position. */
    public static native long preadv2(int fd, long vector, int count, long offset, int flags);

    /** See socket(2). */
    public static native int socket(int domain, int type, int protocol);

    /** See bind(2). */
    public static native int bind(int fd, long address, int addressLength);

    /** See listen(2). */
    public static native int listen(int fd, int backlog);

    /** See accept4(2), without the peer's address. */
    public static native int accept4(int fd, long address, long addressLength, int flags);

    /** See connect(2). */
    public static native int connect(int fd, long address, int addressLength);

    /** See shutdown(2). */
    public static native int shutdown(int fd, int how);

    /** See recvmsg(2). */
    public static native long recvmsg(int fd, long message, int flags);

    /** See sendmsg(2). */
    public static native long sendmsg(int fd, long message, int flags);

    /** See poll(2). */
    public static native int poll(long descriptors, long count, int timeoutMillis);

    /** See fstatfs(2). */
    private static native int fstatfs(int fd, byte[] result);

    /** Block size of the file system behind a descriptor: on hugetlbfs the length of its pages. */
    public static long blockSize(int fd) {
        byte[] statfs = new byte[STATFS_LENGTH];
        check("fstatfs", fstatfs(fd, statfs));
        return ByteBuffer.wrap(statfs).order(ByteOrder.nativeOrder()).getLong(STATFS_BSIZE_OFFSET);
    }

    /** See strerror(3). */
    public static native String strerror(int errno);

    /** The reason of this thread's last failed call. */
    public static int errno() {
        return Native.getLastError();
    }

    /** Returns the result of a call, or throws with the reason if it is negative. */
    public static int check(String call, int result) {
        if (result < 0) {
            int errno = errno();
            throw new LastErrorException(call + " failed: errno " + errno + ", " + strerror(errno));
        }
        return result;
    }
}
