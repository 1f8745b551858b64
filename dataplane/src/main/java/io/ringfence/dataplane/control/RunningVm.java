package io.ringfence.dataplane.control;

import io.ringfence.config.Vm;
import io.ringfence.dataplane.admission.PlannedVm;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A VM of the configuration with the workers that do its packet work, and the socket of its sessions.
 *
 * <p>Used by one control thread at a time.
 */
final class RunningVm {
    /** For the kernel to unmap what a guest has, beside the time for a worker to answer. */
    private static final long SESSION_MILLIS = 4_000;

    private final GuestDevice device;
    private final List<VmWorker> workers;
    private PlannedVm planned;
    private @Nullable VmSocket socket;

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
     * Listens for a front-end or, in the client role, begins to connect to it.
     *
     * @throws SocketRefusedException if the socket cannot be opened
     */
    void open() throws SocketRefusedException {
        socket = VmSocket.open(vm(), device);
    }

    /** Whether {@link #open} was successful. */
    boolean isOpen() {
        return socket != null;
    }

    /** Removes the socket and begins to end the session, which takes the queues away, and then the threads. */
    void end() {
        CompletableFuture<Void> sessionEnded =
                socket == null ? CompletableFuture.completedFuture(null) : socket.close();
        workers.forEach(worker -> worker.stopAfter(sessionEnded));
    }

    /** Waits for what {@link #end} has begun; returns what has not ended in time, or null. */
    @Nullable
    String awaitEnd() {
        long sessionMillis = SESSION_MILLIS
                + workers.stream().mapToLong(VmWorker::answerMillis).max().orElse(0);
        if (socket != null && !socket.awaitEnd(sessionMillis)) {
            return "its session did not end in time, %d ms: %s"
                    .formatted(
                            sessionMillis,
                            device.isInHand()
                                    ? "a worker has its queues still"
                                    : "its memory takes long to map or unmap");
        }
        boolean stopped = true;
        for (VmWorker worker : workers) {
            stopped &= worker.awaitStopped();
        }
        return stopped ? null : "a worker of it did not end in time";
    }

    /** Whether the session has ended, if there was one. */
    boolean hasSessionEnded() {
        return socket == null || socket.hasEnded();
    }

    /** Whether session and threads have ended. */
    boolean hasEnded() {
        return hasSessionEnded() && workers.stream().allMatch(VmWorker::hasStopped);
    }
}
