package io.ringfence.dataplane.port;

import static io.ringfence.dataplane.delivery.ReceiveSide.FLOWS;

import io.ringfence.dataplane.delivery.Delivered;
import io.ringfence.dataplane.delivery.Delivery;
import io.ringfence.dataplane.delivery.Frame;
import io.ringfence.dataplane.delivery.FrameBatch;
import io.ringfence.dataplane.delivery.Peers;
import io.ringfence.dataplane.delivery.ReceiveSide;
import io.ringfence.dataplane.network.MacTable;
import io.ringfence.dataplane.network.Network;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Tally;
import java.util.Arrays;

/**
 * Where a frame of one VM goes: checks its source, learns it, looks up the destination, delivers or floods.
 *
 * <p>Owned by the VM's worker; all of this is on the sender's time.
 */
final class Ingress {
    /** The VM that this worker belongs to, as addresses are learned. */
    private final int vm;

    private final Addresses addresses;
    private final int maxFrameLength;
    private final Delivery delivery;
    /** By flow: a receiver may lack buffers in one of its queues only. */
    private final Congestion[] congestions = new Congestion[FLOWS];

    private final Tally tally;
    private Peers peers;
    private ReceiveSide[] otherVms;
    private final BatchCost cost;
    /** Whether the frame at hand was dropped: it came to nobody, or not as a whole. */
    private boolean lost;
    /** Packets of a lost frame that its receiver has all the same. */
    private int broughtOfLost;
    /** Whether the frame at hand goes to everybody: then it is not known which of them have it. */
    private boolean flooding;
    /** By flow: how many of the other VMs were passed by the frame for everybody at the head of its queue; 0 if none is on its way. */
    private final int[] flooded = new int[FLOWS];

    /**
     * @param assignedAddress the only source address allowed, or 0 if the VM may use any
     */
    Ingress(long assignedAddress, Network network, Peers peers, Delivery delivery, BatchCost cost, Tally tally) {
        vm = peers.vm();
        addresses = new Addresses(vm, assignedAddress, network.addresses(), tally);
        this.peers = peers;
        this.otherVms = peers.otherVms();
        this.maxFrameLength = network.maxFrameLength();
        this.delivery = delivery;
        this.cost = cost;
        this.tally = tally;
        Arrays.setAll(congestions, i -> new Congestion());
        resize(peers);
    }

    /** Switches between these members from now on; the network's largest packet stays what it was. */
    void join(Network network, Peers next) {
        for (Congestion congestion : congestions) {
            for (int i = 0; i < peers.indexes(); i++) {
                if (peers.receiver(i) != next.receiver(i)) {
                    congestion.forget(i);
                }
            }
        }
        peers = next;
        Arrays.fill(flooded, 0); // the others are others now: rather twice to one of them than not at all
        otherVms = next.otherVms();
        addresses.use(network.addresses());
        resize(next);
    }

    private void resize(Peers next) {
        for (Congestion congestion : congestions) {
            congestion.resize(next.indexes(), next.otherVms().length <= 1);
        }
    }

    /** Bytes of the longest packet that the network carries. */
    int maxFrameLength() {
        return maxFrameLength;
    }

    /** Whether the frame that was to stay in this flow's ring has come to some of its receivers, and can go on at once. */
    boolean isUnfinished(int flow) {
        return flooded[flow % FLOWS] > 0;
    }

    /** The frame at the head of this flow's ring is not there any more. */
    void finished(int flow) {
        flooded[flow % FLOWS] = 0;
    }

    /** The next frames of a ring are about to be brought on their way. */
    void begin() {
        flooding = false;
        delivery.noneBrought();
    }

    /** After a fault: whether the frame at hand is with its receiver. */
    boolean brought() {
        return !flooding && delivery.brought();
    }

    /** After a fault: the position in the batch up to which frames are with their receiver; 0 if none since {@link #begin}. */
    int broughtUntil() {
        return delivery.broughtUntil();
    }

    /** Brings a frame that is in no ring on its way, whatever else is. */
    void inject(Frame frame, long nowNanos) {
        int flow = frame.flow() % FLOWS;
        int interrupted = flooded[flow];
        flooded[flow] = 0;
        do {
            cost.begin();
        } while (!forward(frame, nowNanos) && isUnfinished(flow));
        flooded[flow] = interrupted;
    }

    /**
     * Brings a parsed frame on its way, or drops and counts it.
     *
     * @return false if the frame must stay in its ring until a later visit
     */
    boolean forward(Frame frame, long nowNanos) {
        boolean gone = bring(frame, nowNanos);
        if (gone) {
            congestions[frame.flow() % FLOWS].passed(nowNanos);
        }
        return gone;
    }

    /** The frames that waited in the transmit queues are not there any more. */
    void forgetWaiting() {
        Arrays.fill(flooded, 0);
        for (Congestion congestion : congestions) {
            congestion.forgetWaiting();
        }
    }

    /** Whether the frame that the last {@link #forward(Frame, long)} was done with came to nobody, or not as a whole. */
    boolean lost() {
        return lost;
    }

    /** If it is lost: how many of the packets that it was cut into its receiver has all the same. */
    int broughtOfLost() {
        return broughtOfLost;
    }

    private boolean bring(Frame frame, long nowNanos) {
        lost = false;
        if (frame.longestPacket() > maxFrameLength) {
            return drop(Counter.DROPPED_OVERSIZE);
        }
        // Again for each part of a frame for everybody: the guest can change what is in its ring.
        if (!addresses.isSourceAllowed(frame.source(), isUnfinished(frame.flow()), nowNanos)) {
            return drop(Counter.DROPPED_SPOOFED);
        }
        long destination = frame.destination();
        if (Addresses.isGroup(destination) || isUnfinished(frame.flow())) {
            return flood(frame);
        }
        int to = unicastTo(destination);
        if (to == MacTable.UNKNOWN) {
            return flood(frame);
        }
        if (to == vm) {
            return drop(Counter.DROPPED_TO_SELF);
        }
        ReceiveSide first = peers.receiver(to);
        return first == null
                ? drop(Counter.DROPPED_NO_RECEIVER)
                : unicast(frame, peers.workerOf(first, frame.flow()), nowNanos);
    }

    /**
     * Brings the next frames of a batch on their way, as long as they are alike and nothing is special about them.
     *
     * @return how many; the one after them is for {@link #forward(Frame, long)}
     */
    int forward(FrameBatch frames, int flow, long nowNanos) {
        long destination = frames.destination();
        if (Addresses.isGroup(destination)
                || isUnfinished(flow)
                || !addresses.isSourceKnown(frames.source(), nowNanos)) {
            return 0;
        }
        int to = unicastTo(destination);
        ReceiveSide first = to == MacTable.UNKNOWN || to == vm ? null : peers.receiver(to);
        if (first == null) {
            return 0;
        }
        ReceiveSide receiver = peers.workerOf(first, flow);
        Congestion congestion = congestions[flow % FLOWS];
        if (congestion.congested(receiver.member())) {
            return 0;
        }
        int delivered = delivery.deliver(frames, flow, maxFrameLength, receiver);
        if (delivered > 0) {
            congestion.passed(nowNanos);
        }
        return delivered;
    }

    /** The VM to which a frame for this address goes; {@link MacTable#UNKNOWN} if it is to be flooded. */
    private int unicastTo(long destination) {
        int to = addresses.vmOf(destination);
        // With two VMs there is nothing to flood: the other one is it.
        return to == MacTable.UNKNOWN && otherVms.length == 1 ? otherVms[0].vm() : to;
    }

    private boolean unicast(Frame frame, ReceiveSide to, long nowNanos) {
        int receiver = to.member();
        Congestion congestion = congestions[frame.flow() % FLOWS];
        if (congestion.congested(receiver)) {
            if (!delivery.drained(to)) {
                return drop(Counter.DROPPED_CONGESTED);
            }
            congestion.drained(receiver);
        }
        int outcome = delivery.deliver(frame, to);
        cost.delivered(frame, delivery);
        if (outcome == Delivered.NO_BUFFERS) {
            if (congestion.waits(receiver, nowNanos)) {
                return false;
            }
            outcome = delivery.handOff(frame, to);
        }
        switch (outcome) {
            case Delivered.DONE -> {}
            case Delivered.FULL -> {
                if (congestion.waits(receiver, nowNanos)) {
                    return false;
                }
                congestion.gaveUp(receiver);
                drop(Counter.DROPPED_CONGESTED);
            }
            case Delivered.ABSENT -> drop(Counter.DROPPED_NO_RECEIVER);
            default -> {
                drop(Counter.DROPPED_NO_ROOM);
                broughtOfLost = delivery.packets();
            }
        }
        return true;
    }

    /**
     * To all other VMs that are there, once each; a copy that finds no room is dropped, for the other copies are out already. When the
     * batch has come to enough, the rest follows with the next: one frame for a hundred VMs is a hundred frames' work.
     */
    private boolean flood(Frame frame) {
        flooding = true;
        int flow = frame.flow() % FLOWS;
        int at = flooded[flow];
        boolean any = at > 0;
        if (!any) {
            tally.add(Counter.FLOODED_FRAMES, 1);
        }
        while (at < otherVms.length) {
            ReceiveSide to = peers.workerOf(otherVms[at++], frame.flow());
            if (to.open()) {
                any = true;
                copyTo(to, frame);
                if (cost.isEnough() && at < otherVms.length) {
                    flooded[flow] = at;
                    return false;
                }
            }
        }
        return any || drop(Counter.DROPPED_NO_RECEIVER);
    }

    private void copyTo(ReceiveSide to, Frame frame) {
        int outcome = delivery.deliver(frame, to);
        cost.delivered(frame, delivery);
        cost.read(frame.descriptors() - 1); // those of one that is not plain are gone through for each copy
        switch (outcome == Delivered.NO_BUFFERS ? delivery.handOff(frame, to) : outcome) {
            case Delivered.DONE -> {}
            case Delivered.FULL -> tally.add(Counter.DROPPED_CONGESTED, 1);
            case Delivered.ABSENT -> tally.add(Counter.DROPPED_NO_RECEIVER, 1);
            default -> tally.add(Counter.DROPPED_NO_ROOM, 1);
        }
    }

    private boolean drop(Counter cause) {
        lost = true;
        broughtOfLost = 0;
        tally.add(cause, 1);
        return true;
    }
}
