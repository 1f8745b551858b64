package io.ringfence.bench.bridge;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.Platform;

/** The libc functions that open TAP devices and prepare to wait for them, by JNA; all of them throw on failure. */
final class DeviceCalls {
    static {
        Native.register(DeviceCalls.class, Platform.C_LIBRARY_NAME);
    }

    private DeviceCalls() {}

    /** See open(2). */
    static native int open(String path, int flags) throws LastErrorException;

    /** See ioctl(2), with a pointer to a structure. */
    static native int ioctl(int fd, long request, byte[] argument) throws LastErrorException;

    /** See close(2). */
    static native int close(int fd) throws LastErrorException;

    /** See epoll_create1(2). */
    static native int epoll_create1(int flags) throws LastErrorException;

    /** See epoll_ctl(2). */
    static native int epoll_ctl(int epollFd, int operation, int fd, byte[] event) throws LastErrorException;
}
