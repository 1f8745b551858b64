package io.ringfence.dataplane.control;

import io.ringfence.config.Role;
import io.ringfence.config.Vm;
import io.ringfence.vhostuser.backend.BackendEventLoop;
import io.ringfence.vhostuser.backend.VhostUserConnector;
import io.ringfence.vhostuser.backend.VhostUserListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Where a VM's sessions come from, with a thread of its own for them: a front-end whose memory takes long to map or unmap delays its
 * own session only.
 *
 * <p>Used by one control thread at a time.
 */
final class VmSocket {
    private final BackendEventLoop loop;
    private final Supplier<CompletableFuture<Void>> shutdown;
    private CompletableFuture<Void> ended = new CompletableFuture<>();
    private long closingSinceNanos;

    private VmSocket(BackendEventLoop loop, Supplier<CompletableFuture<Void>> shutdown) {
        this.loop = loop;
        this.shutdown = shutdown;
    }

    /**
     * Listens for a front-end or, in the client role, begins to connect to it.
     *
     * @throws SocketRefusedException if the socket cannot be opened
     */
    static VmSocket open(Vm vm, GuestDevice device) throws SocketRefusedException {
        BackendEventLoop loop = BackendEventLoop.start(1);
        try {
            return new VmSocket(loop, open(vm, device, loop));
        } catch (IOException e) {
            loop.close();
            throw new SocketRefusedException(vm, e);
        } catch (RuntimeException | Error e) {
            loop.close();
            throw e;
        }
    }

    private static Supplier<CompletableFuture<Void>> open(Vm vm, GuestDevice device, BackendEventLoop loop)
            throws IOException {
        Path path = vm.socket();
        if (vm.role() == Role.CLIENT) {
            return VhostUserConnector.open(loop, path, device)::shutdown;
        }
        Files.createDirectories(path.toAbsolutePath().getParent());
        return VhostUserListener.open(loop, path, device)::shutdown;
    }

    /** Removes the socket and ends the session; the result is completed, on any thread, when that has taken the queues away. */
    CompletableFuture<Void> close() {
        closingSinceNanos = System.nanoTime();
        ended = shutdown.get();
        return ended;
    }

    /** Waits for the end of the session, and then of the thread; false if that of the session does not come so soon after {@link #close}. */
    boolean awaitEnd(long millis) {
        try {
            long untilNanos = closingSinceNanos + TimeUnit.MILLISECONDS.toNanos(millis);
            ended.get(untilNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        loop.close();
        return true;
    }

    /** Whether the session has ended. */
    boolean hasEnded() {
        return ended.isDone();
    }
}
