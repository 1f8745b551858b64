package io.ringfence.dataplane.worker;

import io.ringfence.dataplane.delivery.Doorbell;
import io.ringfence.dataplane.port.GuestPort;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Tally;
import io.ringfence.scheduler.NativeThread;
import io.ringfence.scheduler.SchedulingRefusedException;
import io.ringfence.scheduler.ThreadScheduling;
import io.ringfence.scheduler.WorkerModel;
import io.ringfence.vhostuser.event.EventSet;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The thread that does all packet work of one VM.
 *
 * <p>A round: commands of the control plane, one visit to the port, a look at the budget, then on, a short native sleep, a
 * native yield to the next period, or blocking until somebody rings or kicks. In steady state it allocates nothing, takes
 * no lock, and gives up the CPU inside native calls only, so that it never holds up a safepoint.
 */
public final class Worker {
    /**
     * What may happen between "spent" and the yield: one batch, which is bounded to some 10 us, a tick of the kernel, which
     * takes 20 to 40 us on virtual machines, and the way there. Reservations are sized for that.
     */
    private static final long MARGIN_NANOS = 50_000;

    /** Wake-ups that {@link VisitPolicy} lets pass, beyond its threshold, before its average has followed. */
    private static final int WAKE_UPS_AT_ONCE = 4;

    private static final String MEMORY_LOST =
            "memory that the front-end had shared cannot be accessed: it was truncated, or there are no pages for it";

    /** The least that front-ends give a transmit queue unless told otherwise (QEMU's tx_queue_size). */
    private static final int RING_FRAMES = 256;

    /** How a worker spends its reservation, for deriving reservations. */
    public static final WorkerModel MODEL = new WorkerModel(
            MARGIN_NANOS,
            Pace.SHORTEST_NANOS,
            Pace.LONGEST_NANOS,
            VisitPolicy.PACES_FROM_FRAMES,
            WAKE_UPS_AT_ONCE,
            RING_FRAMES,
            GuestPort.BATCH_FRAMES);

    private final GuestPort port;
    private final Doorbell doorbell;
    private final Tally tally;
    private final WorkerListener listener;
    private final CommandQueue commands;
    private final NativeThread self = new NativeThread();
    private final Metering metering;
    private final Intermission intermission;
    private final CompletableFuture<Integer> threadId = new CompletableFuture<>();
    private final Thread thread;
    private boolean stopped;
    /** Whether this worker has a thread with others, and neither sleeps nor meters. */
    private boolean shares;

    private @Nullable Throwable struck;
    /** Ends a worker that shares its thread. */
    private final CountDownLatch ended = new CountDownLatch(1);

    private final Runnable once = this::workOnce;

    /**
     * @param name of the thread
     * @param port the VM's packet work
     * @param doorbell by which others wake this worker; must be in {@code events}
     * @param events what the worker blocks on
     * @param tally counts for the VM; this worker's own
     * @param inbox where acknowledgements and reports go
     * @param listener what reports call
     */
    public Worker(
            String name,
            GuestPort port,
            Doorbell doorbell,
            EventSet events,
            Tally tally,
            ControlInbox inbox,
            WorkerListener listener) {
        this.port = port;
        this.doorbell = doorbell;
        this.tally = tally;
        this.listener = listener;
        commands = new CommandQueue(inbox);
        metering = new Metering(self, tally);
        intermission = new Intermission(port, doorbell, events, commands, tally, self, metering);
        thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
    }

    /** Starts the thread, under the scheduling of its creator; returns its kernel thread id. */
    public int start() {
        thread.start();
        return threadId.join();
    }

    /**
     * Has a thread do this worker's work too, in place of one of its own; returns that one's kernel thread id. For comparison
     * with switches whose VMs share a thread.
     */
    public int start(PollingThread shared) {
        shares = true;
        return shared.add(this);
    }

    /** Hands a command to the worker; any thread. */
    public void submit(WorkerCommand command) {
        if (!commands.submit(command)) {
            throw new IllegalStateException(thread.getName() + " has too many commands waiting already");
        }
        doorbell.ring();
    }

    /** Has the worker send an announcement of where its VM is, in place of one that it has not sent yet; any thread. */
    public void announce(MemorySegment frame) {
        commands.announce(frame);
        doorbell.ring();
    }

    /** Waits for the worker to end after {@link WorkerCommand.Stop}; false if it has not in time. */
    public boolean join(long millis) {
        try {
            if (shares) {
                return ended.await(millis, TimeUnit.MILLISECONDS);
            }
            // The thread itself: as long as there is one, its partition cannot be removed.
            thread.join(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return shares ? ended.getCount() == 0 : !thread.isAlive();
    }

    private void run() {
        NativeThread.setTimerSlack(1);
        int id = NativeThread.currentId();
        port.heldBy(id);
        threadId.complete(id);
        while (!hasEnded()) {
            guarded(this::work);
        }
        try {
            ThreadScheduling.leaveDeadlineToEnd(self);
        } finally {
            self.close();
        }
    }

    /** What the worker does when it has its turn on a {@link PollingThread}; false if it has ended. */
    boolean turn() {
        guarded(once);
        if (hasEnded()) {
            ended.countDown();
            return false;
        }
        return true;
    }

    private boolean hasEnded() {
        return stopped && struck == null;
    }

    private void guarded(Runnable work) {
        try {
            Throwable fault = struck;
            if (fault != null) {
                recover(fault);
                struck = null;
            }
            work.run();
        } catch (Throwable fault) {
            // An InternalError is guest memory that vanished; anything else is our bug. Both end one session only.
            // One that strikes during recovery (a second memory has vanished) has that done again.
            struck = fault;
        }
    }

    private void workOnce() {
        execute();
        if (!stopped) {
            long now = System.nanoTime();
            port.visit(now, now + VisitPolicy.VISIT_NANOS);
            tally.add(Counter.VISITS, 1);
            report();
        }
    }

    private void work() {
        long now = System.nanoTime();
        while (!stopped) {
            if (execute()) {
                now = System.nanoTime(); // what a command takes is no stall: a release sleeps
            }
            if (stopped) {
                return;
            }
            int found = port.visit(now, now + metering.visitNanos(now));
            report();
            now = intermission.after(found);
        }
    }

    /** Whether any command was executed. */
    private boolean execute() {
        commands.postKept();
        boolean any = false;
        WorkerCommand command;
        // In order: nothing overtakes a command that has to wait for a claim.
        while ((command = commands.next()) != null && executed(command)) {
            commands.done();
            any = true;
        }
        sendAnnouncement();
        return any;
    }

    /** Whether it is done; else it stays in hand, and is tried again in the next round. */
    private boolean executed(WorkerCommand command) {
        switch (command) {
            case WorkerCommand.UnderClaim waiting -> {
                return underClaim(waiting);
            }
            case WorkerCommand.Meter kept -> intermission.keepTo(kept);
            case WorkerCommand.Release given -> release(given);
            case WorkerCommand.Answer asked -> commands.post(asked.answered());
            case WorkerCommand.Limit limit -> port.limit(limit.sendLimit());
            case WorkerCommand.Stop ignored -> stopped = true;
        }
        return true;
    }

    private void sendAnnouncement() {
        // Taken first: were it sent again after a fault, one that always strikes would keep the worker from all else.
        MemorySegment frame = stopped ? null : commands.takeAnnouncement();
        if (frame != null) {
            port.inject(frame, (int) frame.byteSize());
        }
    }

    private void release(WorkerCommand.Release command) {
        commands.done(); // were it executed again after a refusal, the worker would do nothing else
        if (command.begin().getAsBoolean()) {
            try {
                intermission.release();
                commands.post(command.released());
            } catch (SchedulingRefusedException refused) {
                commands.post(() -> command.refused().accept(refused));
            }
        }
    }

    private boolean underClaim(WorkerCommand.UnderClaim command) {
        boolean done = switch (command) {
            case WorkerCommand.Configure configure -> configure(configure);
            case WorkerCommand.Join joined -> port.join(joined.network(), joined.peers());
        };
        if (done) {
            commands.done(); // first: a fault that strikes late must not have it acknowledged twice
            commands.post(command.acknowledgement());
        }
        return done;
    }

    private boolean configure(WorkerCommand.Configure command) {
        // In force already if a fault struck in the middle: nothing of the earlier state is used any more.
        boolean done = port.inForce(command.state()) || port.configure(command.state());
        if (done && shares) {
            port.disarm();
        }
        return done;
    }

    private void report() {
        for (String fault = port.newFault(); fault != null; fault = port.newFault()) {
            String told = fault;
            commands.post(() -> listener.queueStopped(told));
        }
        if (port.takeMemoryLost()) {
            failSession(MEMORY_LOST);
        }
    }

    private void recover(Throwable fault) {
        boolean own = port.recover(fault instanceof InternalError);
        if (own) {
            failSession(fault instanceof InternalError ? MEMORY_LOST : "internal error in the worker: " + fault);
        }
    }

    private void failSession(String reason) {
        commands.post(() -> listener.sessionFailed(reason));
    }
}
