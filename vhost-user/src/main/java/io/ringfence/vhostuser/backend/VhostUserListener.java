package io.ringfence.vhostuser.backend;

import io.netty.channel.IoEventLoop;
import io.ringfence.vhostuser.linux.SocketFile;
import io.ringfence.vhostuser.linux.UnixSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The back-end as server: listens on a socket file and serves one front-end at a time.
 *
 * <p>A second front-end is refused while the first one lives; if the first one has just gone, or has connected and then said
 * nothing for long, the second one waits until its session is torn down. After every session it listens again.
 */
public final class VhostUserListener implements AutoCloseable {
    private static final long ACCEPT_PAUSE_NANOS = 100_000_000;

    private final IoEventLoop loop;
    private final Path path;
    private final Device device;
    private final SessionLimits limits;
    private final RequestAllowance allowance;
    private final SocketFile listening;
    private final Watch watch;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    private @Nullable Session session;
    private @Nullable String lastRefusal;
    private boolean closing;

    private VhostUserListener(IoEventLoop loop, Path path, Device device, SessionLimits limits, SocketFile listening) {
        this.loop = loop;
        this.path = path;
        this.device = device;
        this.limits = limits;
        this.allowance = limits.allowance(device);
        this.listening = listening;
        this.watch = new Watch(loop, listening.fd(), this::onReady);
        watch.waitToRead();
    }

    /**
     * Creates the socket file and listens; front-ends can connect when this returns.
     *
     * @throws IOException if somebody else listens there, or the file cannot be created
     */
    public static VhostUserListener open(BackendEventLoop loops, Path path, Device device) throws IOException {
        return open(loops, path, device, SessionLimits.DEFAULT);
    }

    static VhostUserListener open(BackendEventLoop loops, Path path, Device device, SessionLimits limits)
            throws IOException {
        SocketFile listening = SocketFile.listen(path);
        IoEventLoop loop = loops.next();
        return loop.submit(() -> new VhostUserListener(loop, path, device, limits, listening))
                .syncUninterruptibly()
                .getNow();
    }

    private void onReady() {
        if (closing) {
            return;
        }
        Session current = session;
        if (current != null && current.isSilent()) {
            // Whoever it is, it keeps the VM's guest out.
            current.end("no request within " + limits.silence() + " of the connection, and another front-end connects");
        }
        if (current != null && (current.isSilent() || current.endsSoon())) {
            watch.waitForNothing(); // the new connection waits in the socket's queue
            return;
        }
        long heldBackNanos = allowance.holdBackNanos(System.nanoTime());
        if (heldBackNanos > 0) {
            resumeAfter(heldBackNanos);
            return;
        }
        try {
            listening.closes().requireFewOpen();
            UnixSocket accepted = listening.accept();
            if (accepted == null) {
                return;
            }
            if (current != null) {
                allowance.spend(RequestAllowance.CONNECTION, System.nanoTime());
                accepted.close();
                refuse("a second front-end connected to %s while the first one is served".formatted(path));
                return;
            }
            session = Session.start(loop, accepted, device, limits, allowance, this::onSessionClosed);
        } catch (IOException | RuntimeException | Error e) {
            // An Error, too: it would end the event loop's thread.
            refuse("%s: %s".formatted(path, e instanceof IOException ? e.getMessage() : e));
            resumeAfter(ACCEPT_PAUSE_NANOS);
        }
    }

    private void resumeAfter(long nanos) {
        watch.waitForNothing();
        var ignored = loop.schedule(this::resume, nanos, TimeUnit.NANOSECONDS);
    }

    /** Reports a reason once per session, so that whoever connects in a loop cannot flood the reader of the events. */
    private void refuse(String reason) {
        if (!reason.equals(lastRefusal)) {
            lastRefusal = reason;
            device.refused(reason);
        }
    }

    private void resume() {
        if (!closing) {
            watch.waitToRead();
        }
    }

    private void onSessionClosed() {
        session = null;
        lastRefusal = null;
        if (closing) {
            closed.complete(null);
        } else {
            watch.waitToRead();
        }
    }

    /**
     * Stops listening, removes the file and ends the session; any thread may call it.
     *
     * @return completed when the device has been closed
     */
    public CompletableFuture<Void> shutdown() {
        loop.execute(() -> {
            if (closing) {
                return;
            }
            closing = true;
            watch.cancel();
            listening.close();
            if (session == null) {
                closed.complete(null);
            } else {
                session.end("the back-end closes " + path);
            }
        });
        return closed;
    }

    /** Waits for {@link #shutdown}, and so for the device; not on an event loop's thread. */
    @Override
    public void close() {
        shutdown().join();
    }
}
