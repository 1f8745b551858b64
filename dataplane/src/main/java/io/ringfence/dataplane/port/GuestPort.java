package io.ringfence.dataplane.port;

import io.ringfence.dataplane.delivery.Backlog;
import io.ringfence.dataplane.delivery.Delivery;
import io.ringfence.dataplane.delivery.Frame;
import io.ringfence.dataplane.delivery.Peers;
import io.ringfence.dataplane.delivery.ReceiveSide;
import io.ringfence.dataplane.network.Network;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Latency;
import io.ringfence.dataplane.telemetry.Stalls;
import io.ringfence.dataplane.telemetry.Tally;
import io.ringfence.scheduler.NativeThread;
import io.ringfence.vhostuser.backend.DeviceState;
import io.ringfence.vhostuser.memory.MemoryProbe;
import io.ringfence.vhostuser.virtqueue.BufferChain;
import java.lang.foreign.MemorySegment;
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

    /** The most frames that are taken at once, of all queues. */
    public static final int BATCH_FRAMES = BatchCost.FRAMES;

    private static final int BACKLOG_BYTES = 64 * 1024;
    /** Pieces of its memory that a worker asks about after a fault: as many of its receive queues, and of what it sends. */
    private static final int PIECES_ASKED = 256;

    private static final TransmitQueue[] NO_QUEUES = {};

    private final ReceiveSide receive;
    private final Backlog backlog;
    private final Delivery delivery;
    private final Ingress ingress;
    private final Transmission transmission;
    private final Frame injected = new Frame(new BufferChain());
    private final Tally tally;
    private final Stalls stalls;
    private final WaitingFrames waitingFrames;
    private final QueueFaults faults;
    private TransmitQueue[] transmit = NO_QUEUES;
    private DeviceState state = DeviceState.empty();
    /** Whether senders have been let into the receive queues of that state. */
    private boolean reopened = true;

    private boolean polled;
    private boolean memoryLost;
    /** Whether a fault would interrupt what {@link #inject} sends. */
    private boolean injecting;

    private boolean waiting;
    private boolean waitsForClaim;
    private long waitsSinceNanos;
    private int visitedFrames;
    private long lookedNanos;

    /**
     * @param assignedAddress the only source address allowed, first byte lowest, or 0 if the VM may use any
     * @param peers the other members of the network
     * @param receive this VM's receive side, a member of the network
     * @param tally counts for this VM; this worker's own
     * @param latency of this VM's frames
     * @param sendLimit what this VM may send at most; null for no limit
     */
    public GuestPort(
            long assignedAddress,
            Network network,
            Peers peers,
            ReceiveSide receive,
            Tally tally,
            Latency latency,
            @Nullable SendLimit sendLimit) {
        this.receive = receive;
        this.tally = tally;
        stalls = new Stalls(tally);
        waitingFrames = new WaitingFrames(tally, latency);
        faults = new QueueFaults(receive, tally);
        backlog = receive.backlog();
        if (backlog.tryDrainFrom(peers) < 0) {
            throw new IllegalStateException("somebody delivers to a VM that is not there yet");
        }
        delivery = new Delivery(receive.member(), peers, tally);
        BatchCost cost = new BatchCost();
        ingress = new Ingress(assignedAddress, network, peers, delivery, cost, tally);
        transmission = new Transmission(ingress, cost, tally, sendLimit);
    }

    /** The thread of the worker, once it runs: by it, claims know whom to lend to. */
    public void heldBy(int threadId) {
        receive.heldBy(threadId);
        delivery.heldBy(threadId);
    }

    /**
     * Does what there is to do, until nothing is left or the time is over.
     *
     * @param untilNanos when to stop taking more, as {@link System#nanoTime}
     * @return {@link #DRY}, {@link #DONE} or {@link #MORE}
     */
    public int visit(long nowNanos, long untilNanos) {
        int found = DRY;
        boolean more;
        long now = nowNanos;
        visitedFrames = 0;
        lookedNanos = now;
        do {
            waiting = false;
            int taken = transmission.take(transmit, now);
            delivery.finish();
            transmission.callDrivers(transmit);
            int drained = backlog.drain(backlogFrames(taken), BACKLOG_BYTES);
            more = transmission.more() || (drained == Backlog.PROGRESS && receive.backlogged());
            noteClaims(now);
            waiting = transmission.waiting() || drained == Backlog.CLAIMED;
            int work = taken + (drained == Backlog.PROGRESS ? 1 : 0);
            tally.flush();
            visitedFrames += work;
            if (work == 0 && !more) {
                waitingFrames.note(transmit, now, taken);
                return waiting ? DONE : found;
            }
            found = DONE;
            now = System.nanoTime();
            stalls.gap(now - lookedNanos);
            lookedNanos = now;
            waitingFrames.note(transmit, now, taken);
        } while (more && now - untilNanos < 0);
        return more ? MORE : found;
    }

    /**
     * How many frames to take in after so many of the VM's own: no more than those while it has others to send. A reservation
     * counts one for each (docs/guarantees.md); with more, a flood of short frames would keep the VM from sending.
     */
    private int backlogFrames(int taken) {
        return transmission.more() ? Math.max(taken, 1) : BATCH_FRAMES;
    }

    /** When the last visit last read the clock. */
    public long lookedNanos() {
        return lookedNanos;
    }

    /** Frames that the last visit took; what was drained of a backlog counts as one. */
    public int visitedFrames() {
        return visitedFrames;
    }

    private void noteClaims(long nowNanos) {
        boolean waits = delivery.waitsForClaim();
        if (waits && !waitsForClaim) {
            waitsSinceNanos = nowNanos;
        }
        waitsForClaim = waits;
    }

    /** For how long frames of this VM have waited for a claim in another worker's hands; 0 if none does. */
    public long waitsForClaimNanos(long nowNanos) {
        return waitsForClaim ? nowNanos - waitsSinceNanos : 0;
    }

    /**
     * Has the holders of those claims go on with the deadline of the calling worker, and takes the frames in: {@link
     * Delivery#lend}.
     *
     * @return false if one of them was not through in time
     */
    public boolean lend(NativeThread self, long untilNanos) {
        boolean through = delivery.lend(self, untilNanos);
        waitsForClaim = false;
        tally.flush();
        return through;
    }

    /** Whether nobody will call for what the last visit left: it waits for another worker, or the guest never kicks. */
    public boolean mustComeBack() {
        return waiting || (polled && heldBackNanos() == 0);
    }

    /** How long until the VM may send what the last visit left for its limit; 0 if that left nothing. */
    public long heldBackNanos() {
        return transmission.heldBackNanos();
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
        GuestQueues queues = GuestQueues.of(next, state);
        transmit = queues.transmit().toArray(TransmitQueue[]::new);
        transmission.reset();
        memoryLost = false;
        polled = queues.polled();
        faults.reset(next);
        reopened = false;
        state = next; // from here on what recovers from a fault has to do with this one
        receive.reopen(queues.receive(), next.memory());
        reopened = true;
        return true;
    }

    /**
     * Knows these other members from now on, and no longer those before; between two visits.
     *
     * @return false if somebody is delivering just now: to be tried again at the next visit
     */
    public boolean join(Network network, Peers peers) {
        int dropped = backlog.tryDrainFrom(peers);
        if (dropped < 0) {
            return false;
        }
        tally.add(Counter.DROPPED_DETACHED, dropped);
        delivery.deliverTo(peers);
        ingress.join(network, peers);
        return true;
    }

    /** Replaces what this VM may send at most; null for no limit. Between two visits. */
    public void limit(@Nullable SendLimit sendLimit) {
        transmission.limit(sendLimit);
    }

    /** Whether the queues are already those of this state; not if a fault has struck before the receive queues were opened. */
    public boolean inForce(DeviceState wanted) {
        return reopened && state.equals(wanted);
    }

    /** Sends a frame that the control plane made for this VM, for example a RARP announcement. */
    public void inject(MemorySegment bytes, int lengthBytes) {
        long now = System.nanoTime();
        injected.read(bytes, 0, lengthBytes, 0);
        injected.seen(now);
        injecting = true;
        ingress.inject(injected, now);
        injecting = false;
        delivery.finish();
        tally.flush();
    }

    /** A queue stopped for a fault that was not told yet, in words; null if there is none more. */
    public @Nullable String newFault() {
        return faults.next(transmit, state);
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
     * <p>A front-end can make a file short and long again before anybody looks, so that nobody's memory is found gone. It must not
     * end a sender's session by that: then the frame is given up, and the next one tried.
     *
     * @param memoryFault whether it was an {@link InternalError}, which an access to guest memory that is gone throws at
     *     the access or a little later
     * @return whether this VM's own session must end: its memory is gone, or the fault cannot be another's, or frames cannot be
     *     got past it
     */
    public boolean recover(boolean memoryFault) {
        transmission.countBatch();
        if (injecting) {
            injecting = false;
            ingress.forgetWaiting(); // how far a frame for everybody has come: what was kept aside is lost
            tally.add(Counter.DROPPED_MEMORY_LOST, 1);
        }
        boolean mayBeOthers = delivery.recover() && memoryFault;
        boolean ownMemory = backlog.recover(new MemoryProbe(PIECES_ASKED))
                || state.memory().truncated()
                || transmission.faults(state.memory(), new MemoryProbe(PIECES_ASKED));
        boolean own = ownMemory || !mayBeOthers || !transmission.dropInHand(transmit);
        if (own) {
            transmission.countInHand();
            stop(memoryFault);
        }
        tally.flush();
        return own;
    }

    private void stop(boolean memoryFault) {
        transmit = NO_QUEUES;
        reopened = true; // as far as it ever will be: the session must end, and is told that first
        if (memoryFault && !memoryLost) {
            memoryLost = true;
            tally.add(Counter.MEMORY_FAULTS, 1);
        }
    }
}
