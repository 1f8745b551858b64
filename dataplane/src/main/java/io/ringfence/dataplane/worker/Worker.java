package io.ringfence.dataplane.worker;

import io.ringfence.dataplane.delivery.Doorbell;
import io.ringfence.dataplane.port.GuestPort;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Stalls;
import io.ringfence.dataplane.telemetry.Tally;
import io.ringfence.scheduler.BudgetMeter;
import io.ringfence.scheduler.NativeThread;
import io.ringfence.scheduler.Reservation;
import io.ringfence.scheduler.ThreadScheduling;
import io.ringfence.scheduler.WorkerModel;
import io.ringfence.vhostuser.event.EventSet;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
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
     * Never filled: a session waits for the one Configure that it has given, and the control thread for all else but a Meter and a
     * Limit of each reload. What front-ends can ask for without waiting is {@link #announcement}.
     */
    private static final int COMMANDS = 64;

    /**
     * What may happen between "spent" and the yield: one batch, which is bounded to some 10 us, a tick of the kernel, which
     * takes 20 to 40 us on virtual machines, and the way there. Reservations are sized for that.
     */
    private static final long MARGIN_NANOS = 50_000;

    /** What a batch of plain frames and the way there take; what else may happen is rare, and a debt then: {@link BudgetMeter}. */
    private static final long LEAST_MARGIN_NANOS = 15_000;

    /** Wake-ups that {@link VisitPolicy} lets pass, beyond its threshold, before its average has followed. */
    private static final int WAKE_UPS_AT_ONCE = 4;

    /**
     * A claim that is held for longer is that of a worker that does not run. A batch is bounded to some 10 us, but was seen to
     * last up to 90 when others preempt it; whoever lends then wakes up only to hold it up once more.
     */
    private static final long LEND_AFTER_NANOS = 150_000;

    /**
     * Whoever still has the claim then does not need a deadline, but something else; for example, it is interpreted until the
     * compiler is through. All that it runs meanwhile it owes: its next period is the later, and all may have to wait for it at a
     * safepoint.
     */
    private static final long LEND_FOR_NANOS = 1_000_000;

    /** So it is left alone for some time then. */
    private static final long LEND_AGAIN_AFTER_NANOS = 20_000_000;

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
    private final EventSet events;
    private final Tally tally;
    private final ControlInbox inbox;
    private final WorkerListener listener;
    private final ManyToOneConcurrentArrayQueue<WorkerCommand> commands = new ManyToOneConcurrentArrayQueue<>(COMMANDS);
    /** The newest that has not been sent: one a round, for each goes to all other VMs. */
    private final AtomicReference<@Nullable MemorySegment> announcement = new AtomicReference<>();

    private final NativeThread self = new NativeThread();
    private final Stalls stalls;
    /** What found the inbox full. As short as the commands and faults that cause it, for those wait for answers. */
    private final ArrayDeque<Runnable> unposted = new ArrayDeque<>();

    private final CompletableFuture<Integer> threadId = new CompletableFuture<>();
    private final Thread thread;
    /** The command that is being executed: a fault may strike in the middle, and then it is executed again. */
    private @Nullable WorkerCommand inHand;

    private WorkerCommand.@Nullable UnderClaim waitingForClaim;
    private @Nullable BudgetMeter meter;
    private long periodNanos;
    private long countedOverruns;
    private VisitPolicy policy = new VisitPolicy(Pace.binding(Pace.SHORTEST_NANOS));
    private SpareTime spare = SpareTime.none();
    /** Whether the last visit is followed by the next at once, though it has left nothing. */
    private boolean looking;

    private long lendsFromNanos = System.nanoTime();
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
        this.events = events;
        this.tally = tally;
        stalls = new Stalls(tally);
        this.inbox = inbox;
        this.listener = listener;
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
        if (!commands.offer(command)) {
            throw new IllegalStateException(thread.getName() + " has " + COMMANDS + " commands waiting already");
        }
        doorbell.ring();
    }

    /** Has the worker send an announcement of where its VM is, in place of one that it has not sent yet; any thread. */
    public void announce(MemorySegment frame) {
        announcement.set(frame);
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
            ThreadScheduling.leaveDeadline(self);
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
            execute();
            if (stopped) {
                return;
            }
            int found = port.visit(now, now + visitNanos(now));
            report();
            now = System.nanoTime();
            stalls.gap(now - port.lookedNanos());
            if (port.visitedFrames() > 0 || !looking) {
                tally.add(Counter.VISITS, 1);
            }
            if (port.waitsForClaimNanos(now) > LEND_AFTER_NANOS && now - lendsFromNanos >= 0) {
                now = lend(now);
            }
            looking = found != GuestPort.MORE
                    && port.waitsForClaimNanos(now) == 0
                    && spare.looksOn(port.visitedFrames(), policy.busy(), now);
            if (looking) {
                policy.looked(port.visitedFrames());
            } else if (found != GuestPort.MORE) {
                now = spentBySleeping(now) ? giveUp(now) : rest(now);
            } else if (spent(now)) {
                now = giveUp(now);
            }
        }
    }

    /** Sleeps until there may be something to do, and with enough of the budget to do it. */
    private long rest(long now) {
        boolean quiet = policy.blocks(port.visitedFrames(), now)
                || port.heldBackNanos() > policy.paceNanos()
                || (!policy.busy() && spare.suffices(now));
        long awake = quiet && !mustComeBack() ? block(now) : pace();
        return spent(awake) ? giveUp(awake) : awake;
    }

    /** Returns in the next period; then something is done in any case, however little the way back has left of it. */
    private long giveUp(long now) {
        tally.add(Counter.YIELDS, 1);
        policy.spent(now);
        if (!policy.busy()) {
            spare.spent(now);
        }
        self.yieldUntilNextPeriod();
        long back = System.nanoTime();
        // The next period begins within one.
        stalls.gap(back - now - periodNanos);
        spare.slept(back);
        yielded(back);
        return back;
    }

    /** Lets whoever holds up this VM's frames go on in place of this worker, and comes back when it is through, or after a time. */
    private long lend(long now) {
        BudgetMeter budget = meter;
        tally.add(Counter.DEADLINES_LENT, 1);
        if (budget != null) {
            budget.aboutToSleep(System.nanoTime());
        }
        boolean through = port.lend(self, now + LEND_FOR_NANOS);
        long back = System.nanoTime();
        if (!through) {
            lendsFromNanos = back + LEND_AGAIN_AFTER_NANOS;
        }
        if (budget != null) {
            budget.wokeUp(back);
        }
        return back;
    }

    private boolean mustComeBack() {
        return port.mustComeBack() || !unposted.isEmpty();
    }

    private long visitNanos(long now) {
        BudgetMeter budget = meter;
        return budget == null ? VisitPolicy.VISIT_NANOS : Math.min(VisitPolicy.VISIT_NANOS, budget.remainingNanos(now));
    }

    private boolean spent(long now) {
        BudgetMeter budget = meter;
        return budget != null && budget.spent(now);
    }

    private boolean spentBySleeping(long now) {
        BudgetMeter budget = meter;
        return budget != null && budget.spentBySleeping(now);
    }

    private void yielded(long now) {
        BudgetMeter budget = meter;
        if (budget != null) {
            budget.yielded(now);
            tally.add(Counter.THROTTLES, budget.overruns() - countedOverruns);
            countedOverruns = budget.overruns();
        }
    }

    private long pace() {
        BudgetMeter budget = meter;
        long asleep = System.nanoTime();
        long wake = asleep + spare.paceNanos(policy.paceNanos());
        if (budget != null) {
            budget.aboutToSleep(asleep);
        }
        boolean slept = self.sleepUntil(wake);
        long awake = System.nanoTime();
        stalls.gap(awake - wake);
        spare.slept(awake);
        if (budget != null && slept) {
            budget.wokeUp(wake, awake);
            policy.sleepTakes(budget.usualSleepNanos());
        }
        return awake;
    }

    private long block(long now) {
        BudgetMeter budget = meter;
        doorbell.listen();
        // Listen first, look once more second: see Doorbell.
        boolean pending = port.arm() || !commands.isEmpty() || announcement.get() != null || waitingForClaim != null;
        long awake = now;
        if (!pending) {
            tally.add(Counter.BLOCKS, 1);
            tally.flush();
            if (budget != null) {
                budget.aboutToSleep(System.nanoTime());
            }
            await(longestBlockNanos(now));
            awake = System.nanoTime();
            spare.slept(awake);
            if (budget != null) {
                budget.wokeUp(awake);
            }
        }
        doorbell.ignore();
        port.disarm();
        return awake;
    }

    /** Until the VM's limit lets frames through that wait for it, or it is time to lend to whoever holds some up; 0 if none does. */
    private long longestBlockNanos(long now) {
        long heldBack = port.heldBackNanos();
        long waited = port.waitsForClaimNanos(now);
        if (waited == 0) {
            return heldBack;
        }
        long untilLending = Math.max(Math.max(LEND_AFTER_NANOS - waited, lendsFromNanos - now), 0) + 1;
        return heldBack == 0 ? untilLending : Math.min(heldBack, untilLending);
    }

    /** Blocks until somebody calls, or for so long at most if that is not 0. */
    private void await(long longestNanos) {
        if (longestNanos > 0) {
            events.awaitNanos(longestNanos);
        } else {
            events.await(-1);
        }
    }

    private void execute() {
        while (!unposted.isEmpty() && inbox.post(unposted.element())) {
            unposted.remove();
        }
        if (waitingForClaim != null) {
            underClaim(waitingForClaim);
        }
        WorkerCommand command;
        // In order: nothing overtakes a command that has to wait for a claim.
        while (waitingForClaim == null && (command = nextCommand()) != null) {
            switch (command) {
                case WorkerCommand.UnderClaim waiting -> underClaim(waiting);
                case WorkerCommand.Meter kept -> keepTo(kept);
                case WorkerCommand.Release given -> release(given);
                case WorkerCommand.Answer asked -> post(asked.answered());
                case WorkerCommand.Limit limit -> port.limit(limit.sendLimit());
                case WorkerCommand.Stop ignored -> stopped = true;
            }
            inHand = null;
        }
        sendAnnouncement();
    }

    private void sendAnnouncement() {
        if (stopped || announcement.get() == null) {
            return;
        }
        // Taken first: were it sent again after a fault, one that always strikes would keep the worker from all else.
        MemorySegment frame = announcement.getAndSet(null);
        if (frame != null) {
            port.inject(frame, (int) frame.byteSize());
        }
    }

    private @Nullable WorkerCommand nextCommand() {
        if (inHand == null) {
            inHand = commands.poll();
        }
        return inHand;
    }

    private void keepTo(WorkerCommand.Meter kept) {
        Reservation reservation = kept.reservation();
        long runtime = reservation.runtimeNanos();
        self.watchServer();
        BudgetMeter budget =
                BudgetMeter.learning(reservation, LEAST_MARGIN_NANOS, runtime - MODEL.usableNanos(runtime), self);
        meter = budget;
        countedOverruns = 0;
        // What is done in vain may still be charged in full: not where a guarantee rests on the pace.
        spare = reservation.reclaims() && !kept.paceBinding() ? SpareTime.of(budget, runtime) : SpareTime.none();
        periodNanos = reservation.periodNanos();
        policy = new VisitPolicy(
                kept.paceBinding() ? Pace.binding(kept.paceNanos()) : Pace.yielding(kept.paceNanos(), reservation));
    }

    private void release(WorkerCommand.Release command) {
        inHand = null; // were it executed again after a refusal, the worker would do nothing else
        if (!command.begin().getAsBoolean()) {
            return;
        }
        meter = null;
        countedOverruns = 0;
        spare = SpareTime.none();
        policy = new VisitPolicy(Pace.binding(Pace.SHORTEST_NANOS));
        periodNanos = 0;
        ThreadScheduling.leaveDeadline(self);
        post(command.released());
    }

    private void underClaim(WorkerCommand.UnderClaim command) {
        waitingForClaim = command;
        inHand = null;
        boolean done = switch (command) {
            case WorkerCommand.Configure configure -> configure(configure);
            case WorkerCommand.Join joined -> port.join(joined.network(), joined.peers());
        };
        if (done) {
            waitingForClaim = null;
            post(command.acknowledgement());
        }
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
            post(() -> listener.queueStopped(told));
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
        post(() -> listener.sessionFailed(reason));
    }

    /** Nothing may be lost (a session waits for its acknowledgement) and nothing overtake: what finds no room is kept. */
    private void post(Runnable task) {
        if (!unposted.isEmpty() || !inbox.post(task)) {
            unposted.add(task);
        }
    }
}
