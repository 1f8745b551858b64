package io.ringfence.dataplane.port;

import io.ringfence.dataplane.delivery.Backlog;
import io.ringfence.dataplane.delivery.Delivery;
import io.ringfence.dataplane.delivery.Frame;
import io.ringfence.dataplane.delivery.FrameBatch;
import io.ringfence.dataplane.delivery.ReceiveQueue;
import io.ringfence.dataplane.delivery.ReceiveSide;
import io.ringfence.dataplane.network.Network;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Highest;
import io.ringfence.dataplane.telemetry.Latency;
import io.ringfence.dataplane.telemetry.Stalls;
import io.ringfence.dataplane.telemetry.Tally;
import io.ringfence.vhostuser.backend.DeviceState;
import io.ringfence.vhostuser.virtqueue.BufferChain;
import io.ringfence.vhostuser.virtqueue.SplitVirtqueue;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All packet work of one VM: takes frames from its transmit queues, and takes in what was handed off to it.
 *
 * <p>Owned by the VM's worker; nobody else calls anything here.
 */
public final class GuestPort {
    /** What a visit found. */
    public static final int DRY = 0;
    /** There was work, all of it is done, or what is left must wait for somebody else. */
    public static final int DONE = 1;
    /** There is more to do at once; the visit ended for its time. */
    public static final int MORE = 2;

    /** The most frames that are taken of a queue at once. */
    public static final int BATCH_FRAMES = 64;
    /** Descriptors of a batch: some 10 us of work, however long the guest makes its chains. */
    private static final int BATCH_DESCRIPTORS = 512;
    /** Copies of a batch, which flooding multiplies. */
    private static final int BATCH_COPIES = 128;

    private static final int BACKLOG_BYTES = 64 * 1024;
    private static final long FEATURE_MRG_RXBUF = 1L << 15;
    private static final long FEATURE_VERSION_1 = 1L << 32;
    private static final TransmitQueue[] NO_QUEUES = {};

    private final ReceiveSide receive;
    private final Backlog backlog;
    private final Delivery delivery;
    private final Ingress ingress;
    private final Tally tally;
    private final @Nullable SendLimit sendLimit;
    private final Latency latency;
    private final Highest mostWaiting;
    private final Stalls stalls;
    private final BufferChain chain = new BufferChain();
    private final Frame frame = new Frame(chain);
    private final FrameBatch batch = new FrameBatch();
    private TransmitQueue[] transmit = NO_QUEUES;
    private DeviceState state = DeviceState.empty();
    private boolean polled;
    private boolean memoryLost;
    private boolean more;
    private boolean waiting;
    private int visitedFrames;
    /** The transmit queue whose turn it is when there is not enough for all. */
    private int turn;

    private long lookedNanos;
    private int shownWaiting;
    private @Nullable TransmitQueue inHand;
    private int inHandIndex;
    private int inHandFrom;
    private boolean inHandAlone;
    private int batchFrames;
    private long batchBytes;

    /**
     * @param assignedAddress the only source address allowed, first byte lowest, or 0 if the VM may use any
     * @param receive this VM's receive side, a member of the network
     * @param tally counts for this VM; this worker's own
     * @param latency of this VM's frames
     * @param sendLimit what this VM may send at most; null for no limit
     */
    public GuestPort(
            long assignedAddress,
            Network network,
            ReceiveSide receive,
            Tally tally,
            Latency latency,
            @Nullable SendLimit sendLimit) {
        this.receive = receive;
        this.tally = tally;
        this.latency = latency;
        this.sendLimit = sendLimit;
        mostWaiting = tally.highest(Counter.MOST_WAITING_FRAMES);
        stalls = new Stalls(tally);
        backlog = new Backlog(receive, new Frame(new BufferChain()));
        delivery = new Delivery(receive.member(), network.receivers(), tally);
        ingress = new Ingress(receive.member(), assignedAddress, network, delivery, tally);
    }

    /**
     * Does what there is to do, until nothing is left or the time is over.
     *
     * @param untilNanos when to stop taking more, as {@link System#nanoTime}
     * @return {@link #DRY}, {@link #DONE} or {@link #MORE}
     */
    public int visit(long nowNanos, long untilNanos) {
        int found = DRY;
        long now = nowNanos;
        visitedFrames = 0;
        lookedNanos = now;
        do {
            more = false;
            waiting = false;
            int work = 0;
            // Drain before take: what others sent us first, then what we send.
            int drained = backlog.drain(BACKLOG_BYTES);
            if (drained == Backlog.PROGRESS) {
                work = 1;
                more = receive.backlogged();
            } else if (drained == Backlog.CLAIMED) {
                waiting = true;
            }
            if (sendLimit == null) {
                for (TransmitQueue queue : transmit) {
                    work += transmit(queue, now);
                }
            } else {
                work += transmitLimited(sendLimit, now);
            }
            delivery.finish();
            tally.flush();
            visitedFrames += work;
            if (work == 0) {
                arrived(now);
                return waiting ? DONE : found;
            }
            found = DONE;
            now = System.nanoTime();
            stalls.gap(now - lookedNanos);
            lookedNanos = now;
            arrived(now);
        } while (more && now - untilNanos < 0);
        return more ? MORE : found;
    }

    /** Notes how long the frames took that are now with their receivers, and how many still wait. */
    private void arrived(long nowNanos) {
        int waitingFrames = 0;
        for (TransmitQueue queue : transmit) {
            Arrivals arrivals = queue.arrivals;
            int next = queue.virtqueue.nextAvailable();
            if (arrivals.passed(next, nowNanos)) {
                latency.note(arrivals.worstNanos());
                latency.noteHeldUp(arrivals.worstHeldUpNanos());
            }
            waitingFrames += arrivals.waiting(next);
        }
        if (waitingFrames != shownWaiting) {
            shownWaiting = waitingFrames;
            tally.show(Counter.WAITING_FRAMES, waitingFrames);
        }
    }

    /** When the last visit last read the clock. */
    public long lookedNanos() {
        return lookedNanos;
    }

    /** Frames that the last visit took; what was drained of a backlog counts as one. */
    public int visitedFrames() {
        return visitedFrames;
    }

    /** Whether nobody will call for what the last visit left: it waits for another worker, or the guest never kicks. */
    public boolean mustComeBack() {
        return waiting || (polled && heldBackNanos() == 0);
    }

    /** How long until the VM may send what the last visit left for its limit; 0 if that left nothing. */
    public long heldBackNanos() {
        return sendLimit == null ? 0 : sendLimit.waitNanos();
    }

    /** As {@link #transmit} for all queues, which take turns: the limit is one for all. */
    private int transmitLimited(SendLimit limit, long nowNanos) {
        limit.begin(nowNanos);
        int taken = 0;
        int queues = transmit.length;
        int first = turn;
        for (int i = 0; i < queues && limit.waitNanos() == 0; i++) {
            turn = (first + i) % queues;
            int frames = transmit(transmit[turn], nowNanos);
            taken += frames;
            if (limit.waitNanos() > 0) {
                tally.add(Counter.LIMITED_VISITS, 1);
                for (TransmitQueue held : transmit) {
                    held.arrivals.heldUp();
                }
                // A queue that got nothing is the first to get something; then its frame fits, however long it is.
                turn = frames == 0 ? turn : (turn + 1) % queues;
            }
        }
        return taken;
    }

    /** Takes one batch of a queue; the number of frames taken. */
    private int transmit(TransmitQueue queue, long nowNanos) {
        SplitVirtqueue virtqueue = queue.virtqueue;
        int ready = virtqueue.available();
        if (ready == 0) {
            return 0;
        }
        queue.arrivals.saw(virtqueue.nextAvailable() + ready, nowNanos);
        frame.seen(queue.arrivals.oldestNanos());
        mostWaiting.note(ready);
        int limit = Math.min(ready, BATCH_FRAMES);
        SendLimit limited = queue.enabled ? sendLimit : null;
        if (limited != null) {
            limit = limited.admit(limit);
        }
        int taken = 0;
        int descriptors = 0;
        int copies = 0;
        batchFrames = 0;
        batchBytes = 0;
        batch.forget();
        inHand = queue;
        while (taken < limit && descriptors < BATCH_DESCRIPTORS && copies < BATCH_COPIES) {
            if (batch.isEmpty()) {
                batch.read(virtqueue, queue.headerLength, limit - taken);
            }
            inHandIndex = virtqueue.nextAvailable();
            inHandFrom = batch.next();
            inHandAlone = false;
            // A limit wants to be asked for each frame.
            boolean together = queue.enabled && limited == null && !batch.isEmpty();
            int gone = together ? forwardAlike(queue, nowNanos) : 0;
            if (gone > 0) {
                taken += gone;
                descriptors += gone;
                copies += gone;
                batchFrames = taken;
                continue;
            }
            int parsed;
            if (!batch.isEmpty()) {
                parsed = batch.load(queue.flow, chain, frame);
            } else if (virtqueue.peek(0, false, chain)) {
                parsed = frame.parse(queue.headerLength, queue.flow);
            } else {
                break;
            }
            inHandAlone = true;
            descriptors += chain.descriptors();
            if (!queue.enabled) {
                tally.add(Counter.DROPPED_QUEUE_DISABLED, 1);
            } else if (parsed != Frame.PARSED) {
                tally.add(parsed == Frame.RUNT ? Counter.DROPPED_RUNT : Counter.DROPPED_BAD_OFFLOAD, 1);
            } else if (limited != null && !limited.take(frame.lengthBytes())) {
                break;
            } else if (!ingress.forward(frame, nowNanos)) {
                waiting = true;
                if (limited != null) {
                    limited.putBack(frame.lengthBytes());
                }
                queue.arrivals.heldUp();
                break;
            } else {
                copies += ingress.copies();
                batchBytes += frame.lengthBytes();
            }
            virtqueue.stage(0, chain.head(), 0);
            virtqueue.commit(1);
            batchFrames = ++taken;
        }
        inHand = null;
        if (taken > 0) {
            countBatch();
            if (virtqueue.publish()) {
                virtqueue.call();
            }
        }
        more |= taken > 0 && taken < ready && !waiting && heldBackNanos() == 0;
        return taken;
    }

    /** Takes the next frames read ahead, as long as they are alike and can be delivered at once; how many. */
    private int forwardAlike(TransmitQueue queue, long nowNanos) {
        long before = batch.skippedBytes();
        int gone = ingress.forward(batch, queue.flow, nowNanos);
        if (gone > 0) {
            queue.virtqueue.stage(batch.buffers(), batch.next() - gone, gone);
            queue.virtqueue.commit(gone);
            batchBytes += batch.skippedBytes() - before;
        }
        return gone;
    }

    private void countBatch() {
        tally.add(Counter.TRANSMITTED_FRAMES, batchFrames);
        tally.add(Counter.TRANSMITTED_BYTES, batchBytes);
        batchFrames = 0;
        batchBytes = 0;
    }

    /**
     * Asks the guest to kick for new frames, before the worker blocks; not while {@link #heldBackNanos} is above 0.
     *
     * @return true if frames or faults came meanwhile, or if the guest never kicks: visit again instead of blocking
     */
    public boolean arm() {
        boolean pending = receive.hasReport() || (receive.backlogged() && !receive.starved());
        if (heldBackNanos() > 0) {
            return pending; // a kick could bring nothing but more of what may not be sent yet
        }
        for (TransmitQueue queue : transmit) {
            pending |= queue.virtqueue.arm();
        }
        return pending || polled;
    }

    /** Asks the guest not to kick: the worker comes by itself. */
    public void disarm() {
        for (TransmitQueue queue : transmit) {
            queue.virtqueue.disarm();
        }
    }

    /**
     * Makes the queues those of this state.
     *
     * @return false if somebody is delivering into the old ones just now: to be tried again at the next visit
     */
    public boolean configure(DeviceState next) {
        if (!receive.tryClose()) {
            return false;
        }
        boolean modern = (next.features() & (FEATURE_VERSION_1 | FEATURE_MRG_RXBUF)) != 0;
        boolean mergeable = (next.features() & FEATURE_MRG_RXBUF) != 0;
        int headerLength = modern ? 12 : 10;
        List<TransmitQueue> transmitting = new ArrayList<>();
        List<ReceiveQueue> receiving = new ArrayList<>();
        for (SplitVirtqueue queue : next.queues()) {
            SplitVirtqueue earlier = queueIn(state, queue.setup().index());
            if (earlier != null && earlier.setup().generation() == queue.setup().generation()) {
                queue.continueFrom(earlier);
            }
            if (!queue.setup().receives()) {
                transmitting.add(new TransmitQueue(queue, headerLength));
            } else if (queue.setup().enabled()) {
                receiving.add(new ReceiveQueue(queue, headerLength, mergeable));
            }
        }
        transmit = transmitting.toArray(TransmitQueue[]::new);
        turn = 0;
        state = next;
        inHand = null;
        memoryLost = false;
        // Without a kick descriptor "polling should be used instead of waiting for the kick"
        // (VHOST_USER_SET_VRING_KICK).
        polled = next.queues().stream().anyMatch(queue -> queue.setup().kick() == null);
        receive.reopen(receiving, next.memory());
        return true;
    }

    /** Whether the queues are already those of this state. */
    public boolean inForce(DeviceState wanted) {
        return state.equals(wanted);
    }

    private static @Nullable SplitVirtqueue queueIn(DeviceState state, int index) {
        for (SplitVirtqueue queue : state.queues()) {
            if (queue.setup().index() == index) {
                return queue;
            }
        }
        return null;
    }

    /** Sends a frame that the control plane made for this VM, for example a RARP announcement. */
    public void inject(MemorySegment bytes, int lengthBytes) {
        long now = System.nanoTime();
        frame.read(bytes, 0, lengthBytes, 0);
        frame.seen(now);
        ingress.forward(frame, now);
        delivery.finish();
        tally.flush();
    }

    /** A queue stopped for a fault that was not told yet, in words; null if there is none. */
    public @Nullable String newFault() {
        for (TransmitQueue queue : transmit) {
            if (queue.virtqueue.fault() != null && !queue.faultReported) {
                queue.faultReported = true;
                tally.add(Counter.QUEUE_FAULTS, 1);
                return describe(queue.virtqueue);
            }
        }
        if (receive.takeQueueFault()) {
            for (SplitVirtqueue queue : state.queues()) {
                if (queue.setup().receives() && queue.fault() != null) {
                    tally.add(Counter.QUEUE_FAULTS, 1);
                    return describe(queue);
                }
            }
        }
        return null;
    }

    private static String describe(SplitVirtqueue queue) {
        return "queue %d stopped: %s"
                .formatted(
                        queue.setup().index(),
                        queue.fault() == null ? "" : queue.fault().reason());
    }

    /** Whether somebody who delivered here found this VM's memory gone; reset by asking. */
    public boolean takeMemoryLost() {
        boolean lost = receive.takeMemoryLost();
        if (lost) {
            stop(true);
        }
        return lost;
    }

    /**
     * After a fault: finds whose memory is gone, if it was that, and gives up everything held.
     *
     * @param memoryFault whether it was an {@link InternalError}, which an access to truncated guest memory throws at
     *     the access or a little later
     * @return whether this VM's own session must end: its memory is gone, or nobody else's is
     */
    public boolean recover(boolean memoryFault) {
        countBatch();
        boolean others = delivery.recover() && memoryFault;
        boolean ownMemory = backlog.recover() || state.memory().truncated();
        boolean own = ownMemory || !others;
        if (own) {
            stop(memoryFault);
        } else {
            dropInHand();
        }
        tally.flush();
        return own;
    }

    private void stop(boolean memoryFault) {
        transmit = NO_QUEUES;
        if (memoryFault && !memoryLost) {
            memoryLost = true;
            tally.add(Counter.MEMORY_FAULTS, 1);
        }
    }

    /**
     * Gives up the frame whose delivery ended in a fault: copies of it may be out already. Of frames that were delivered
     * together, those that are with the receiver are given back to the guest; the others stay for the next visit.
     */
    private void dropInHand() {
        TransmitQueue queue = inHand;
        inHand = null;
        if (queue == null || queue.virtqueue.nextAvailable() != inHandIndex) {
            return;
        }
        if (inHandAlone) {
            queue.virtqueue.stage(0, chain.head(), 0);
            queue.virtqueue.commit(1);
            tally.add(Counter.TRANSMITTED_FRAMES, 1);
            tally.add(Counter.DROPPED_MEMORY_LOST, 1);
        } else {
            int gone = batch.next() - inHandFrom;
            queue.virtqueue.stage(batch.buffers(), inHandFrom, gone);
            queue.virtqueue.commit(gone);
            tally.add(Counter.TRANSMITTED_FRAMES, gone);
        }
        if (queue.virtqueue.publish()) {
            queue.virtqueue.call();
        }
    }
}
