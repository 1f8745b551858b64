package io.ringfence.dataplane.control;

import io.ringfence.dataplane.worker.WorkerCommand;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.agrona.CloseHelper;

/**
 * Takes the reservations and the meters of workers back, of all of them at the same time, since each takes some of its periods.
 *
 * <p>Used by one control thread at a time.
 */
final class WorkerRelease {
    private final VmWorker worker;
    /** Whether it has begun, or is not wanted any more. */
    private final AtomicBoolean decided = new AtomicBoolean();

    private final CompletableFuture<Void> released = new CompletableFuture<>();

    private WorkerRelease(VmWorker worker) {
        this.worker = worker;
    }

    /**
     * Takes them back; when this returns or throws, none of the workers is about to give up anything.
     *
     * @throws IllegalStateException if a worker does not answer, or the kernel refuses; then it keeps them, also when it goes on later
     */
    static void of(List<VmWorker> workers) {
        List<WorkerRelease> releases = workers.stream().map(WorkerRelease::new).toList();
        releases.forEach(WorkerRelease::begin);
        // Which waits for all, and then throws what it met first.
        CloseHelper.closeAll(
                releases.stream().map(release -> (AutoCloseable) release::await).toList());
    }

    private void begin() {
        try {
            worker.submit(new WorkerCommand.Release(
                    () -> decided.compareAndSet(false, true),
                    () -> released.complete(null),
                    released::completeExceptionally));
        } catch (IllegalStateException tooMany) {
            released.completeExceptionally(tooMany);
        }
    }

    private void await() {
        try {
            worker.await(released);
        } catch (IllegalStateException noAnswer) {
            if (decided.compareAndSet(false, true)) {
                throw noAnswer;
            }
            worker.await(released); // it has begun
        }
    }
}
