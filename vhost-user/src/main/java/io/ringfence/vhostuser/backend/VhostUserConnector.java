package io.ringfence.vhostuser.backend;

import io.netty.channel.IoEventLoop;
import io.ringfence.vhostuser.linux.SlowClose;
import io.ringfence.vhostuser.linux.UnixSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The back-end as client: connects to the socket on which a front-end listens, and connects again after every session.
 *
 * <p>Between attempts it waits {@value #MIN_PAUSE_MILLIS} ms, and twice as long after each one that came to nothing, up
 * to {@value #MAX_PAUSE_MILLIS} ms. The socket's file need not exist yet.
 */
public final class VhostUserConnector implements AutoCloseable {
    private static final long MIN_PAUSE_MILLIS = 50;
    private static final long MAX_PAUSE_MILLIS = 1000;

    private final IoEventLoop loop;
    private final Path path;
    private final Device device;
    private final SessionLimits limits;
    private final RequestAllowance allowance;
    private final SlowClose closes = new SlowClose();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    private @Nullable Session session;
    private @Nullable String lastReason;
    private long pauseMillis = MIN_PAUSE_MILLIS;
    private boolean closing;

    private VhostUserConnector(IoEventLoop loop, Path path, Device device, SessionLimits limits) {
        this.loop = loop;
        this.path = path;
        this.device = device;
        this.limits = limits;
        this.allowance = limits.allowance(device);
    }

    /** Starts to connect. Reasons why it cannot yet go to {@link Device#refused}. */
    public static VhostUserConnector open(BackendEventLoop loops, Path path, Device device) {
        return open(loops, path, device, SessionLimits.DEFAULT);
    }

    static VhostUserConnector open(BackendEventLoop loops, Path path, Device device, SessionLimits limits) {
        VhostUserConnector connector = new VhostUserConnector(loops.next(), path, device, limits);
        connector.loop.execute(connector::connect);
        return connector;
    }

    private void connect() {
        if (closing) {
            return;
        }
        try {
            closes.requireFewOpen();
            UnixSocket connected = UnixSocket.connect(path, closes);
            session = Session.start(loop, connected, device, limits, allowance, this::onSessionClosed);
            lastReason = null;
        } catch (IOException | RuntimeException | Error e) {
            // An Error, too: it would end the event loop's thread.
            String reason = e instanceof IOException ? String.valueOf(e.getMessage()) : path + ": " + e;
            if (!reason.equals(lastReason)) {
                lastReason = reason;
                device.refused(reason);
            }
            pause();
        }
    }

    private void pause() {
        long nanos = TimeUnit.MILLISECONDS.toNanos(pauseMillis);
        var ignored = loop.schedule(
                this::connect, Math.max(nanos, allowance.holdBackNanos(System.nanoTime())), TimeUnit.NANOSECONDS);
        pauseMillis = Math.min(2 * pauseMillis, MAX_PAUSE_MILLIS);
    }

    private void onSessionClosed() {
        if (session != null && session.servedRequests()) {
            pauseMillis = MIN_PAUSE_MILLIS;
        }
        session = null;
        if (closing) {
            closed.complete(null);
        } else {
            pause();
        }
    }

    /**
     * Stops connecting and ends the session; any thread may call it.
     *
     * @return completed when the device has been closed
     */
    public CompletableFuture<Void> shutdown() {
        loop.execute(() -> {
            if (closing) {
                return;
            }
            closing = true;
            if (session == null) {
                closed.complete(null);
            } else {
                session.end("the back-end disconnects from " + path);
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
