package io.ringfence.bench.bridge;

import com.sun.jna.LastErrorException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A TAP device, which is gone when it is closed or its process ends; frames without any header before them. One thread. */
final class Tap implements AutoCloseable {
    private static final String CLONE_DEVICE = "/dev/net/tun";
    private static final int O_RDWR_NONBLOCK_CLOEXEC = 0x80802;
    private static final long TUNSETIFF = 0x4004_54ca;
    private static final short IFF_TAP_NO_PI = 0x1002;
    private static final int REQUEST_LENGTH = 40; // struct ifreq
    private static final int NAME_LENGTH = 16;

    private final String name;
    private final int fd;

    private Tap(String name, int fd) {
        this.name = name;
        this.fd = fd;
    }

    /**
     * Creates a device in the network namespace of the calling thread.
     *
     * @throws LastErrorException if the kernel refuses
     */
    static Tap create(String name) {
        if (name.length() >= NAME_LENGTH) {
            throw new IllegalArgumentException(
                    "TAP name %s: expected fewer than %d letters".formatted(name, NAME_LENGTH));
        }
        int fd = DeviceCalls.open(CLONE_DEVICE, O_RDWR_NONBLOCK_CLOEXEC);
        try {
            byte[] request = new byte[REQUEST_LENGTH];
            ByteBuffer.wrap(request)
                    .order(ByteOrder.nativeOrder())
                    .put(name.getBytes(StandardCharsets.US_ASCII))
                    .putShort(NAME_LENGTH, IFF_TAP_NO_PI);
            DeviceCalls.ioctl(fd, TUNSETIFF, request);
            return new Tap(name, fd);
        } catch (LastErrorException e) {
            DeviceCalls.close(fd);
            throw e;
        }
    }

    String name() {
        return name;
    }

    /** The descriptor, for waiting until there is something to read. */
    int fd() {
        return fd;
    }

    /** Has the host receive a frame, in the time of this thread; one that the device refuses is lost. */
    void write(FrameVector frame) {
        long ignored = FrameCalls.writev(fd, frame.entries(), frame.count());
    }

    /** Takes the next frame that the host sends here; returns its length, negative if there is none. */
    int read(FrameVector into) {
        return (int) FrameCalls.readv(fd, into.entries(), into.count());
    }

    @Override
    public void close() {
        DeviceCalls.close(fd);
    }
}
