package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.Frames.address;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.worker.ControlInbox;
import io.ringfence.dataplane.worker.Worker;
import io.ringfence.dataplane.worker.WorkerCommand;
import io.ringfence.dataplane.worker.WorkerListener;
import io.ringfence.vhostuser.backend.DeviceState;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** A network whose ports have real workers, with a guest each and without sessions. */
final class Workers implements AutoCloseable {
    static final long TIME_LIMIT_SECONDS = 20;

    final Lan lan;
    final List<FlowGuest> guests = new ArrayList<>();
    final Queue<String> violations = new ConcurrentLinkedQueue<>();
    private final List<Worker> workers = new ArrayList<>();
    private final List<Integer> threadIds = new ArrayList<>();
    private final List<Queue<String>> failures = new ArrayList<>();
    final ControlInbox inbox = new ControlInbox();

    Workers(int members) {
        this(Lan.of(members));
    }

    Workers(Lan lan) {
        this.lan = lan;
        int members = lan.members();
        inbox.start();
        for (int i = 0; i < members; i++) {
            FlowGuest guest = new FlowGuest(i, members, i % 3, i % 2 == 1, violations);
            guests.add(guest);
            guest.kicks().forEach(lan.events(i)::add);
            lan.network().addresses().learn(address(i), i, System.nanoTime());
            Queue<String> failed = new ConcurrentLinkedQueue<>();
            failures.add(failed);
            Worker worker = new Worker(
                    "worker-" + i, lan.port(i), lan.doorbell(i), lan.events(i), lan.tally(i), inbox, report(failed));
            workers.add(worker);
            threadIds.add(worker.start());
            configure(i, guest.state());
        }
    }

    private static WorkerListener report(Queue<String> failed) {
        return new WorkerListener() {
            @Override
            public void queueStopped(String description) {
                failed.add(description);
            }

            @Override
            public void sessionFailed(String reason) {
                failed.add(reason);
            }
        };
    }

    /** Has a worker apply a state and waits until it has. */
    void configure(int member, DeviceState state) {
        CompletableFuture<Void> applied = new CompletableFuture<>();
        workers.get(member).submit(new WorkerCommand.Configure(state, () -> applied.complete(null)));
        applied.orTimeout(TIME_LIMIT_SECONDS, TimeUnit.SECONDS).join();
    }

    /** Hands a worker a command. */
    void submit(int member, WorkerCommand command) {
        workers.get(member).submit(command);
    }

    /** Kernel id of a worker's thread. */
    int threadId(int member) {
        return threadIds.get(member);
    }

    /** What was reported of a VM. */
    Queue<String> failures(int member) {
        return failures.get(member);
    }

    /** The worker itself. */
    Worker worker(int member) {
        return workers.get(member);
    }

    @Override
    public void close() {
        for (int i = 0; i < workers.size(); i++) {
            configure(i, DeviceState.empty());
        }
        workers.forEach(worker -> worker.submit(new WorkerCommand.Stop()));
        for (Worker worker : workers) {
            if (!worker.join(TimeUnit.SECONDS.toMillis(TIME_LIMIT_SECONDS))) {
                throw new AssertionError("a worker did not end");
            }
        }
        inbox.close();
        lan.close();
        guests.forEach(FlowGuest::close);
    }
}
