package io.ringfence.dataplane.control;

import io.ringfence.config.Vm;
import io.ringfence.dataplane.admission.PlannedVm;
import io.ringfence.dataplane.worker.Worker;
import io.ringfence.dataplane.worker.WorkerCommand;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * A VM of the configuration with the worker that does its packet work.
 *
 * @param planned the VM with its reservation
 * @param threadId the kernel's id of the worker's thread
 * @param cpu the dataplane CPU it was placed on
 */
record VmWorker(PlannedVm planned, Member member, GuestDevice device, Worker worker, int threadId, int cpu) {
    private static final long ANSWER_MILLIS = 1_000;

    Vm vm() {
        return planned.vm();
    }

    /**
     * Waits until the worker has run on the CPU that it was moved to.
     *
     * <p>A thread that sleeps through its move counts as being on its old CPU, where the kernel refuses its reservation.
     */
    void awaitAwake() {
        await(WorkerCommand.Answer::new);
    }

    /** Takes the worker's reservation and its meter back. */
    void release() {
        await(WorkerCommand.Release::new);
    }

    private void await(Function<Runnable, WorkerCommand> command) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        worker.submit(command.apply(() -> answer.complete(null)));
        try {
            answer.get(ANSWER_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the worker of VM " + planned.name() + " does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the thread; its session must have taken the queues away before. */
    void stop() {
        worker.submit(new WorkerCommand.Stop());
        member.doorbell().event().signal();
    }

    /** Waits for the thread and frees what it used; leaks it if it does not end, rather than pull memory from under it. */
    boolean awaitStopped() {
        boolean ended = worker.join(ANSWER_MILLIS);
        if (ended) {
            member.close();
        }
        return ended;
    }
}
