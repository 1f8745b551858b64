package io.ringfence.dataplane.control;

import io.ringfence.dataplane.admission.PlannedVm;
import io.ringfence.dataplane.admission.PlannedWorker;
import io.ringfence.dataplane.segment.Member;
import io.ringfence.dataplane.telemetry.VmCounters;
import io.ringfence.dataplane.worker.ControlInbox;
import io.ringfence.dataplane.worker.PollingThread;
import io.ringfence.dataplane.worker.Worker;
import io.ringfence.dataplane.worker.WorkerCommand;
import io.ringfence.scheduler.Reservation;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One of the workers of a VM: its thread, its place in the network and what it is entitled to.
 *
 * <p>Used by one control thread at a time.
 */
final class VmWorker {
    private static final long ANSWER_MILLIS = 1_000;

    /** Until it has budget again; the two yields of a worker that leaves SCHED_DEADLINE; and until the kernel has released the bandwidth. */
    private static final int ANSWER_PERIODS = 1 + 2 + 1;

    /** CPU time that it may owe, and has to sleep off first: pages that it is the first to touch, or a hypervisor that had the CPU meanwhile. */
    private static final long LARGEST_DEBT_NANOS = 20_000_000;

    /** So long is waited for that at most, for a worker may also hang. */
    private static final long LONGEST_DEBT_NANOS = 30_000_000_000L;

    private final Member member;
    private final VmCounters counters;
    private final Worker worker;
    private final int threadId;
    private final int cpu;
    private PlannedWorker planned;
    /** By what is planned or by what was before: the worker may have to sleep out periods of either. */
    private long answerMillis;

    private boolean stopping;

    private VmWorker(
            PlannedWorker planned,
            int cpu,
            Member member,
            VmCounters counters,
            GuestDevice device,
            ControlInbox inbox,
            @Nullable PollingThread shared) {
        this.planned = planned;
        answerMillis = answerMillis(planned.reservation());
        this.cpu = cpu;
        this.member = member;
        member.receive().runsOn(cpu);
        this.counters = counters;
        worker = new Worker(
                "worker-" + planned.name(),
                member.port(),
                member.doorbell(),
                member.events(),
                member.tally(),
                inbox,
                device);
        device.attach(worker, member.events());
        threadId = shared == null ? worker.start() : worker.start(shared);
    }

    /**
     * Starts the thread, under the scheduling of the caller's.
     *
     * @param cpu the dataplane CPU it is to run on
     * @param device has its queues from the VM's sessions
     * @param shared the thread that does the work of all VMs, or null where each worker has its own
     */
    static VmWorker start(
            PlannedWorker planned,
            int cpu,
            Member member,
            VmCounters counters,
            GuestDevice device,
            ControlInbox inbox,
            @Nullable PollingThread shared) {
        return new VmWorker(planned, cpu, member, counters, device, inbox, shared);
    }

    /** The VM with the reservation of each of its workers. */
    PlannedVm planned() {
        return planned.vm();
    }

    /** The VM's name, with the worker's number if the VM has several. */
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
        Reservation before = planned.reservation();
        planned = new PlannedWorker(next, planned.index());
        Reservation after = planned.reservation();
        // A reload notes it a second time when it is through; the worker may sleep on.
        if (!after.equals(before)) {
            answerMillis = Math.max(answerMillis(before), answerMillis(after));
        }
    }

    /** Hands a command to the worker. */
    void submit(WorkerCommand command) {
        worker.submit(command);
    }

    /**
     * Waits until the worker has run on the CPU that it was moved to, and has executed all commands so far.
     *
     * <p>A thread that sleeps through its move counts as being on its old CPU, where the kernel refuses its reservation.
     */
    void awaitAnswer() {
        await(WorkerCommand.Answer::new);
    }

    private void await(Function<Runnable, WorkerCommand> command) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        worker.submit(command.apply(() -> answer.complete(null)));
        await(answer);
    }

    /**
     * Waits for what this worker is to do; it may have to sleep to the next period first.
     *
     * @throws IllegalStateException if it cannot do it, or does not answer
     */
    void await(CompletableFuture<?> answer) {
        try {
            answer.get(answerMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            Throwable reason = e.getCause() == null ? e : e.getCause();
            throw new IllegalStateException("worker " + name() + ": " + reason.getMessage(), e);
        } catch (TimeoutException e) {
            throw new IllegalStateException("worker " + name() + " does not answer", e);
        } catch (InterruptedException e) {
            // Not as if it had answered: what it may still use would be freed.
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while worker " + name() + " was to answer", e);
        }
    }

    /** How long it may take to do what it is told. */
    long answerMillis() {
        return answerMillis;
    }

    /** How long a worker with this reservation may take. */
    static long answerMillis(Reservation reservation) {
        long period = reservation.periodNanos();
        long debt = (LARGEST_DEBT_NANOS / reservation.runtimeNanos() + 1) * period;
        return ANSWER_MILLIS
                + TimeUnit.NANOSECONDS.toMillis(ANSWER_PERIODS * period + Math.min(debt, LONGEST_DEBT_NANOS));
    }

    /** Ends the thread as soon as its session has taken the queues away. */
    void stopAfter(CompletableFuture<?> sessionEnded) {
        stopping = true;
        var ignored = sessionEnded.thenRun(this::stop);
    }

    private void stop() {
        worker.submit(new WorkerCommand.Stop());
        member.doorbell().event().signal();
    }

    /** Whether it was told to end: it answers nothing any more. */
    boolean isStopping() {
        return stopping;
    }

    /** Waits for the end of the thread; false if it does not end in time. */
    boolean awaitStopped() {
        return worker.join(answerMillis());
    }

    /** Whether the thread has ended. */
    boolean hasStopped() {
        return worker.join(1); // 0 would be for ever
    }
}
