package io.ringfence.scheduler.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;

/**
 * The libc functions of the control path, by JNA direct mapping. Failures are {@link LastErrorException}s with the
 * error number. {@code long} is C's long: Ringfence runs on 64-bit Linux only.
 */
final class Libc {
    static final int EPERM = 1;
    static final int ESRCH = 3;
    static final int EAGAIN = 11;
    static final int EBUSY = 16;
    static final int EINVAL = 22;

    static final int O_RDONLY = 0;
    static final int O_CLOEXEC = 02000000;
    static final int LOCK_EX = 2;

    static final int PR_SET_TIMERSLACK = 29;
    static final int MCL_CURRENT = 1;
    static final int MCL_FUTURE = 2;
    static final int PROT_READ_WRITE = 3;
    static final int MAP_PRIVATE_ANONYMOUS = 0x22;

    static {
        Native.register(Libc.class, Platform.C_LIBRARY_NAME);
    }

    private Libc() {}

    /** {@code sched_setattr(2)}, which glibc wraps only since 2.41. */
    static native long syscall(long number, long threadId, ByteBuffer attributes, long flags) throws LastErrorException;

    /** {@code sched_getattr(2)}. */
    static native long syscall(long number, long threadId, ByteBuffer attributes, long sizeBytes, long flags)
            throws LastErrorException;

    static native int sched_setaffinity(int threadId, long sizeBytes, ByteBuffer mask) throws LastErrorException;

    static native int sched_getaffinity(int threadId, long sizeBytes, ByteBuffer mask) throws LastErrorException;

    static native int prctl(int option, long arg2, long arg3, long arg4, long arg5) throws LastErrorException;

    static native int mlockall(int flags) throws LastErrorException;

    static native Pointer mmap(long address, long lengthBytes, int protection, int flags, int fd, long offset)
            throws LastErrorException;

    static native int munmap(long address, long lengthBytes) throws LastErrorException;

    static native int open(String path, int flags) throws LastErrorException;

    static native int flock(int fd, int operation) throws LastErrorException;

    static native int close(int fd) throws LastErrorException;
}
