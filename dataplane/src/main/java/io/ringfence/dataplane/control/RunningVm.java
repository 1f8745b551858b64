package io.ringfence.dataplane.control;

import io.ringfence.config.Role;
import io.ringfence.config.Vm;
import io.ringfence.dataplane.admission.PlannedVm;
import io.ringfence.vhostuser.backend.BackendEventLoop;
import io.ringfence.vhostuser.backend.VhostUserConnector;
import io.ringfence.vhostuser.backend.VhostUserListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A VM of the configuration with the workers that do its packet work, and the socket of its sessions.
 *
 * <p>Used by one control thread at a time.
 */
final class RunningVm {
    private final GuestDevice device;
    private final List<VmWorker> workers;
    private PlannedVm planned;
    private @Nullable BackendEventLoop eventLoop;
    private @Nullable AutoCloseable socket;

    /**
     * @param device to which all the workers are attached
     * @param workers in their order, at least one
     */
    RunningVm(PlannedVm planned, GuestDevice device, List<VmWorker> workers) {
        this.planned = planned;
        this.device = device;
        this.workers = List.copyOf(workers);
    }

    /** The VM with the reservation of each of its workers. */
    PlannedVm planned() {
        return planned;
    }

    Vm vm() {
        return planned.vm();
    }

    String name() {
        return planned.name();
    }

    List<VmWorker> workers() {
        return workers;
    }

    /** Notes what the VM is entitled to from now on; to be put into force by {@link WorkerScheduling}. */
    void replan(PlannedVm next) {
        planned = next;
        workers.forEach(worker -> worker.replan(next));
    }

    /**
     * Listens for a front-end or, in the client role, begins to connect to it; on a thread of its own, so that a front-end
     * whose memory takes long to map or unmap delays its own session only.
     *
     * @throws SocketRefusedException if the socket cannot be opened
     */
    void open() throws SocketRefusedException {
        try {
            openSocket();
        } catch (IOException e) {
            throw new SocketRefusedException(vm(), e);
        }
    }

    private void openSocket() throws IOException {
        Path path = vm().socket();
        BackendEventLoop loop = BackendEventLoop.start(1);
        eventLoop = loop;
        if (vm().role() == Role.CLIENT) {
            socket = VhostUserConnector.open(loop, path, device);
        } else {
            Files.createDirectories(path.toAbsolutePath().getParent());
            socket = VhostUserListener.open(loop, path, device);
        }
    }

    /** Whether {@link #open} was successful. */
    boolean isOpen() {
        return socket != null;
    }

    /** Ends the session, which takes the queues away, and removes the socket. */
    void closeSocket(EventLog log) {
        AutoCloseable open = socket;
        socket = null;
        if (open != null) {
            try {
                open.close();
            } catch (Exception e) {
                log.warning(name(), "cannot close its socket: " + e.getMessage());
            }
        }
    }

    /** Ends the threads; the session must have taken the queues away before. */
    void stop() {
        workers.forEach(VmWorker::stop);
    }

    /** Waits for the end of the threads; false if one does not end in time. */
    boolean awaitStopped() {
        BackendEventLoop loop = eventLoop;
        eventLoop = null;
        if (loop != null) {
            loop.close();
        }
        boolean stopped = true;
        for (VmWorker worker : workers) {
            stopped &= worker.awaitStopped();
        }
        return stopped;
    }

    /** Whether the threads have ended. */
    boolean hasStopped() {
        return workers.stream().allMatch(VmWorker::hasStopped);
    }
}
