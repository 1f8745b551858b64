package io.ringfence.dataplane.control;

import io.ringfence.config.Role;
import io.ringfence.config.Vm;
import io.ringfence.dataplane.admission.PlannedVm;
import io.ringfence.dataplane.telemetry.VmCounters;
import io.ringfence.dataplane.worker.ControlInbox;
import io.ringfence.dataplane.worker.PollingThread;
import io.ringfence.dataplane.worker.Worker;
import io.ringfence.dataplane.worker.WorkerCommand;
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
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A VM of the configuration with the worker that does its packet work, and the socket of its sessions.
 *
 * <p>Used by one control thread at a time.
 */
final class VmWorker {
    private static final long ANSWER_MILLIS = 1_000;

    private final Member member;
    private final VmCounters counters;
    private final GuestDevice device;
    private final Worker worker;
    private final int threadId;
    private final int cpu;
    private PlannedVm planned;
    private @Nullable BackendEventLoop eventLoop;
    private @Nullable AutoCloseable socket;

    private VmWorker(
            PlannedVm planned,
            int cpu,
            Member member,
            VmCounters counters,
            GuestDevice device,
            ControlInbox inbox,
            @Nullable PollingThread shared) {
        this.planned = planned;
        this.cpu = cpu;
        this.member = member;
        this.counters = counters;
        this.device = device;
        worker = new Worker(
                "worker-" + planned.name(),
                member.port(),
                member.doorbell(),
                member.events(),
                member.tally(),
                inbox,
                device);
        device.attach(worker);
        threadId = shared == null ? worker.start() : worker.start(shared);
    }

    /**
     * Starts the thread, under the scheduling of the caller's.
     *
     * @param cpu the dataplane CPU it is to run on
     * @param departed to be run when a session has ended
     * @param shared the thread that does the work of all VMs, or null where each has its own
     */
    static VmWorker start(
            PlannedVm planned,
            int cpu,
            int mtuBytes,
            Member member,
            VmCounters counters,
            ControlInbox inbox,
            EventLog log,
            Runnable departed,
            @Nullable PollingThread shared) {
        Vm vm = planned.vm();
        GuestDevice device = new GuestDevice(
                vm.name(), Offer.of(vm.queuePairs(), mtuBytes, vm.offloads()), member.events(), log, departed);
        return new VmWorker(planned, cpu, member, counters, device, inbox, shared);
    }

    /** The VM with its reservation. */
    PlannedVm planned() {
        return planned;
    }

    Vm vm() {
        return planned.vm();
    }

    String name() {
        return planned.name();
    }

    Member member() {
        return member;
    }

    VmCounters counters() {
        return counters;
    }

    /** The kernel's id of the worker's thread. */
    int threadId() {
        return threadId;
    }

    /** The dataplane CPU it was placed on. */
    int cpu() {
        return cpu;
    }

    /** Notes what the VM is entitled to from now on; to be put into force by {@link WorkerScheduling}. */
    void replan(PlannedVm next) {
        planned = next;
    }

    /** Hands a command to the worker. */
    void submit(WorkerCommand command) {
        worker.submit(command);
    }

    /**
     * Listens for a front-end or, in the client role, begins to connect to it; on a thread of its own, so that a front-end
     * whose memory takes long to map or unmap delays its own session only.
     *
     * @throws IOException if the socket cannot be opened
     */
    void open() throws IOException {
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

    /**
     * Waits until the worker has run on the CPU that it was moved to, and has executed all commands so far.
     *
     * <p>A thread that sleeps through its move counts as being on its old CPU, where the kernel refuses its reservation.
     */
    void awaitAnswer() {
        await(WorkerCommand.Answer::new);
    }

    /** Takes the worker's reservation and its meter back. */
    void release() {
        await(WorkerCommand.Release::new);
    }

    private void await(Function<Runnable, WorkerCommand> command) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        worker.submit(command.apply(() -> answer.complete(null)));
        await(answer);
    }

    /** Waits for what this worker is to do; it may have to sleep to the next period first. */
    void await(CompletableFuture<?> answer) {
        try {
            answer.get(answerMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the worker of VM " + name() + " does not answer", e);
        } catch (InterruptedException e) {
            // Not as if it had answered: what it may still use would be freed.
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the worker of VM " + name() + " was to answer", e);
        }
    }

    private long answerMillis() {
        return ANSWER_MILLIS
                + 2 * TimeUnit.NANOSECONDS.toMillis(planned.reservation().periodNanos());
    }

    /** Ends the thread; its session must have taken the queues away before. */
    void stop() {
        worker.submit(new WorkerCommand.Stop());
        member.doorbell().event().signal();
    }

    /** Waits for the end of the thread; false if it does not end in time. */
    boolean awaitStopped() {
        BackendEventLoop loop = eventLoop;
        eventLoop = null;
        if (loop != null) {
            loop.close();
        }
        return worker.join(ANSWER_MILLIS);
    }
}
