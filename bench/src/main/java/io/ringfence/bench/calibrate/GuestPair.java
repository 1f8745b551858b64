package io.ringfence.bench.calibrate;

import io.ringfence.dataplane.delivery.Claim;
import io.ringfence.dataplane.port.GuestPort;
import io.ringfence.dataplane.segment.Member;
import io.ringfence.dataplane.warmup.SyntheticGuest;
import io.ringfence.dataplane.warmup.SyntheticLan;
import io.ringfence.vhostuser.protocol.Features;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.agrona.CloseHelper;

/**
 * Two embedded guests in a network of their own: one sends, the other receives.
 *
 * <p>Methods say whose CPU they are for: the guests', or that of the worker's code, one after the other.
 */
final class GuestPair implements AutoCloseable {
    private static final long FEATURES =
            Features.VERSION_1 | Features.EVENT_IDX | Features.INDIRECT_DESC | Features.NET_MRG_RXBUF;
    private static final int SENDER = 0;
    private static final int RECEIVER = 1;
    /** A third party, in whose hands the receive queue is when frames are to be handed off. */
    private static final int SOMEBODY_ELSE = 2;

    private static final long SENDER_ADDRESS = 0x0102_0304_0002L;
    /** Two of them in turn, so that each frame is looked up. */
    private static final long[] RECEIVER_ADDRESSES = {0x0202_0304_0002L, 0x0302_0304_0002L};

    private static final int SETTLING_VISITS = 1_000;

    private final SyntheticGuest sender;
    private final SyntheticGuest receiver;
    private final SyntheticLan lan;
    private int expected;

    private GuestPair(SyntheticGuest sender, SyntheticGuest receiver, SyntheticLan lan) {
        this.sender = sender;
        this.receiver = receiver;
        this.lan = lan;
    }

    /** Creates the guests; their addresses are learned. By the thread of the worker's code, before guests run. */
    static GuestPair create(VisitShape.Layout transmitting, VisitShape.Layout receiving) throws IOException {
        VisitShape.Layout plain = VisitShape.Layout.PLAIN;
        List<AutoCloseable> opened = new ArrayList<>();
        try {
            SyntheticGuest sender = new SyntheticGuest(transmitting.options(), plain.options(), FEATURES);
            opened.add(sender);
            SyntheticGuest receiver = new SyntheticGuest(plain.options(), receiving.options(), FEATURES);
            opened.add(receiver);
            SyntheticLan lan = new SyntheticLan(List.of(sender, receiver));
            opened.add(lan);
            GuestPair pair = new GuestPair(sender, receiver, lan);
            pair.learn();
            return pair;
        } catch (IOException | RuntimeException e) {
            CloseHelper.quietCloseAll(opened.reversed());
            throw e;
        }
    }

    private void learn() {
        for (long address : RECEIVER_ADDRESSES) {
            receiver.offer(1, 60, address, SENDER_ADDRESS);
        }
        settle();
        sender.take(RECEIVER_ADDRESSES.length);
    }

    /** Guests' CPU: the sender offers frames; both ask to be called, as guests do whose operating systems sleep. */
    void offer(int frames, int lengthBytes) {
        expected = sender.offer(frames, lengthBytes, SENDER_ADDRESS, RECEIVER_ADDRESSES);
        if (expected != frames) {
            throw new IllegalStateException(
                    "the sender's queue has room for %d frames only, expected %d".formatted(expected, frames));
        }
        sender.arm();
        receiver.arm();
    }

    /** Guests' CPU: the receiver reads what was offered since the last time, all of which must have arrived. */
    void collect() {
        int received = receiver.take(Integer.MAX_VALUE);
        if (received != expected) {
            throw new IllegalStateException(
                    "of %d frames %d arrived: their cost cannot be told".formatted(expected, received));
        }
        expected = 0;
    }

    /** The sender's packet work. */
    WorkerRound senderRound() {
        return round(lan.member(SENDER));
    }

    /** The receiver's packet work. */
    WorkerRound receiverRound() {
        return round(lan.member(RECEIVER));
    }

    private static WorkerRound round(Member worker) {
        return new WorkerRound(worker.port(), worker.tally());
    }

    /** What the sender's worker would sleep with. */
    SleepingWorker sleepingSender() {
        Member worker = lan.member(SENDER);
        return new SleepingWorker(worker.port(), worker.doorbell(), worker.events());
    }

    /** Worker's CPU: until {@link #letReceive}, frames for the receiver are handed off; its worker waits to be rung. */
    void keepFromReceiving() {
        Member worker = lan.member(RECEIVER);
        Claim claim = worker.receive().claim();
        if (!claim.tryAcquire(Claim.strangeHolder(SOMEBODY_ELSE))) {
            throw new IllegalStateException("the receive queue is claimed, but nobody else is here");
        }
        worker.doorbell().listen();
    }

    /** Worker's CPU: ends what {@link #keepFromReceiving} began. */
    void letReceive() {
        Member worker = lan.member(RECEIVER);
        worker.doorbell().ignore();
        worker.receive().claim().release();
    }

    /** Worker's CPU: the sender's visits until it has nothing left. */
    void settleSender() {
        settle(lan.member(SENDER).port());
    }

    /** Worker's CPU: everybody's visits until nothing is left to do. */
    void settle() {
        settle(lan.member(SENDER).port());
        settle(lan.member(RECEIVER).port());
    }

    private static void settle(GuestPort port) {
        for (int i = 0; i < SETTLING_VISITS; i++) {
            long now = System.nanoTime();
            if (port.visit(now, now + WorkerRound.VISIT_NANOS) == GuestPort.DRY) {
                return;
            }
        }
        throw new IllegalStateException("frames are still waiting after " + SETTLING_VISITS + " visits");
    }

    @Override
    public void close() {
        lan.close();
        sender.close();
        receiver.close();
    }
}
