package io.ringfence.vhostuser.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A listening unix socket together with its file, which goes when the socket is closed.
 *
 * <p>A file left behind by a process that was killed is replaced; one on which somebody listens is not.
 */
public final class SocketFile implements AutoCloseable {
    private static final String UNIX_INODE = "unix:ino";
    private static final int S_IFMT = 0xf000;
    private static final int S_IFSOCK = 0xc000;

    private final Path path;
    private final UnixSocket socket;
    private final Object inode;

    private SocketFile(Path path, UnixSocket socket, Object inode) {
        this.path = path;
        this.socket = socket;
        this.inode = inode;
    }

    /**
     * Creates the file and listens on it.
     *
     * @throws IOException if the file is something else, somebody else listens there, or it cannot be created
     */
    public static SocketFile listen(Path path) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            removeStale(path);
        }
        UnixSocket socket = UnixSocket.listen(path);
        try {
            return new SocketFile(path, socket, Files.getAttribute(path, UNIX_INODE, LinkOption.NOFOLLOW_LINKS));
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static void removeStale(Path path) throws IOException {
        int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if ((mode & S_IFMT) != S_IFSOCK) {
            throw new IOException(path + " exists and is not a socket: choose another socket path, or remove it");
        }
        if (isLive(path)) {
            throw new IOException(
                    path + " is a socket on which another process listens: stop that one, or choose another path");
        }
        Files.deleteIfExists(path);
    }

    private static boolean isLive(Path path) throws IOException {
        try {
            UnixSocket.connect(path).close();
            return true;
        } catch (SystemCallException e) {
            // A full queue of connections means that somebody listens; only a refusal means that nobody does.
            return e.errno() != SystemCallException.ECONNREFUSED;
        }
    }

    /** The descriptor's number, for waiting for it. */
    public int fd() {
        return socket.fd();
    }

    /** What closes the sockets that are accepted here, and the descriptors that come with them. */
    public SlowClose closes() {
        return socket.closes();
    }

    /** Takes the next connection, or null if there is none (any more). */
    public @Nullable UnixSocket accept() throws IOException {
        return socket.accept();
    }

    /** Stops listening and removes the file, unless somebody has put another one in its place. */
    @Override
    public void close() {
        try {
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                    && inode.equals(Files.getAttribute(path, UNIX_INODE, LinkOption.NOFOLLOW_LINKS))) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            // Left behind like after a kill: the next listener replaces it.
        } finally {
            socket.close();
        }
    }
}
