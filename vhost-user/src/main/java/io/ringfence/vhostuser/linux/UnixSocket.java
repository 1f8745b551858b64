package io.ringfence.vhostuser.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A non-blocking stream socket of the unix domain that carries file descriptors (unix(7), SCM_RIGHTS).
 *
 * <p>One thread at a time. No call blocks.
 */
public final class UnixSocket implements AutoCloseable {
    /** Returned by {@link #receive} when the peer has closed its side. */
    public static final int END_OF_STREAM = -1;

    /** The most file descriptors that one {@link #send} may carry, and so one {@link #receive} may bring (SCM_MAX_FD). */
    public static final int MAX_DESCRIPTORS = 253;

    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_NONBLOCK_CLOEXEC = 0x80800;
    private static final int BACKLOG = 16;
    private static final int ADDRESS_LENGTH = 110; // struct sockaddr_un: family (2), path (108)
    private static final int MAX_PATH_BYTES = 107;

    private static final int SHUT_RDWR = 2;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;

    private static final short POLLHUP = 0x10;
    private static final short POLLRDHUP = 0x2000;

    private static final int EINTR = 4;
    private static final int EAGAIN = 11;
    private static final int ECONNABORTED = 103;
    private static final int ECONNRESET = 104;

    private final int fd;
    private final SlowClose closes;
    private boolean closed;

    private UnixSocket(int fd, SlowClose closes) {
        this.fd = fd;
        this.closes = closes;
    }

    /** Creates a listening socket; the file must not exist. */
    static UnixSocket listen(Path path) throws IOException {
        return open(path, new SlowClose(), (fd, address) -> {
            check("bind to " + path, Libc.bind(fd, address, ADDRESS_LENGTH));
            check("listen on " + path, Libc.listen(fd, BACKLOG));
        });
    }

    /**
     * Connects to a listening socket of a peer that is trusted.
     *
     * @throws IOException if nobody listens there, or its queue of connections is full
     */
    public static UnixSocket connect(Path path) throws IOException {
        return connect(path, SlowClose.SHARED);
    }

    /**
     * As {@link #connect(Path)}.
     *
     * @param closes of the peer that listens there
     */
    public static UnixSocket connect(Path path, SlowClose closes) throws IOException {
        return open(
                path, closes, (fd, address) -> check("connect to " + path, Libc.connect(fd, address, ADDRESS_LENGTH)));
    }

    private interface Setup {
        void apply(int fd, long address) throws IOException;
    }

    private static UnixSocket open(Path path, SlowClose closes, Setup setup) throws IOException {
        int length = path.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length == 0 || length > MAX_PATH_BYTES) {
            throw new IOException("socket path %s has %d bytes, expected 1 to %d: use a shorter one"
                    .formatted(path, length, MAX_PATH_BYTES));
        }
        int fd = Libc.socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK_CLOEXEC, 0);
        check("open a socket", fd);
        try (Arena arena = Arena.ofConfined()) {
            setup.apply(fd, address(arena, path));
            return new UnixSocket(fd, closes);
        } catch (IOException | RuntimeException | Error e) {
            Libc.close(fd); // at once: nobody has sent anything to it
            throw e;
        }
    }

    private static long address(Arena arena, Path path) {
        MemorySegment address = arena.allocate(ADDRESS_LENGTH, 8);
        address.set(JAVA_SHORT, 0, (short) AF_UNIX);
        address.setString(2, path.toString(), StandardCharsets.UTF_8);
        return address.address();
    }

    private static void check(String what, int result) throws IOException {
        if (result < 0) {
            throw new SystemCallException(what, Libc.errno());
        }
    }

    /** The descriptor's number, for waiting for it. */
    public int fd() {
        return fd;
    }

    /** What closes this socket, all that are accepted by it, and the descriptors that come with them. */
    public SlowClose closes() {
        return closes;
    }

    /** Takes the next connection, or null if there is none (any more). */
    public @Nullable UnixSocket accept() throws IOException {
        int accepted = Libc.accept4(fd, 0, 0, SOCK_NONBLOCK_CLOEXEC);
        if (accepted >= 0) {
            return new UnixSocket(accepted, closes);
        }
        int errno = Libc.errno();
        if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED) {
            return null;
        }
        throw new SystemCallException("accept a connection", errno);
    }

    /** Whether the peer has closed the connection, or at least its sending side; unread bytes may be left. */
    public boolean peerClosed() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment poll = arena.allocate(8, 8);
            poll.set(JAVA_INT, 0, fd);
            poll.set(JAVA_SHORT, 4, POLLRDHUP);
            Libc.poll(poll.address(), 1, 0);
            return (poll.get(JAVA_SHORT, 6) & (POLLHUP | POLLRDHUP)) != 0;
        }
    }

    /**
     * Receives what is there, up to the buffer's remaining bytes.
     *
     * @param into a direct buffer with room left; its position moves
     * @param descriptors gets the file descriptors that came along, close-on-exec
     * @return bytes received, 0 if there are none yet, {@link #END_OF_STREAM} if there will be none
     * @throws IOException if the connection broke, or descriptors were lost because this process may open no more; those
     *     that arrived are in {@code descriptors} all the same
     */
    public int receive(ByteBuffer into, FileDescriptors descriptors) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            SocketMessage message = SocketMessage.toReceive(arena, into);
            long received = Libc.recvmsg(fd, message.address(), MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
            if (received < 0) {
                int errno = Libc.errno();
                if (errno == EAGAIN || errno == EINTR) {
                    return 0;
                }
                if (errno == ECONNRESET) {
                    return END_OF_STREAM;
                }
                throw new SystemCallException("receive", errno);
            }
            message.takeDescriptors(descriptors);
            if (message.lostDescriptors()) {
                throw new IOException("file descriptors were lost: this process may open no more (ulimit -n)");
            }
            if (received == 0) {
                return END_OF_STREAM;
            }
            into.position(into.position() + (int) received);
            return (int) received;
        }
    }

    /**
     * Sends as much as the socket takes.
     *
     * @param from a direct buffer; its position moves behind what was sent
     * @param descriptors to be sent along with the first byte; they stay the caller's
     * @return bytes sent, 0 if the socket takes none now
     * @throws IOException if the peer is gone
     */
    public int send(ByteBuffer from, int... descriptors) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            SocketMessage message = SocketMessage.toSend(arena, from, descriptors);
            long sent = Libc.sendmsg(fd, message.address(), MSG_DONTWAIT | MSG_NOSIGNAL);
            if (sent < 0) {
                int errno = Libc.errno();
                if (errno == EAGAIN || errno == EINTR) {
                    return 0;
                }
                throw new SystemCallException("send", errno);
            }
            from.position(from.position() + (int) sent);
            return (int) sent;
        }
    }

    /**
     * Ends the connection, which the peer sees at once, and closes the socket soon; whoever waits for its descriptor must
     * have stopped before.
     *
     * <p>Not at once, because that would also close descriptors that were sent and not received, see {@link SlowClose}.
     */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Libc.shutdown(fd, SHUT_RDWR);
            closes.begin(fd);
        }
    }
}
