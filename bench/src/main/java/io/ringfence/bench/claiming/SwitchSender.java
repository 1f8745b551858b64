package io.ringfence.bench.claiming;

import static io.ringfence.dataplane.network.Network.HEADERS_BYTES;

import io.ringfence.dataplane.delivery.Delivered;
import io.ringfence.dataplane.delivery.Delivery;
import io.ringfence.dataplane.delivery.Doorbell;
import io.ringfence.dataplane.delivery.Frame;
import io.ringfence.dataplane.delivery.FrameBatch;
import io.ringfence.dataplane.delivery.Handoff;
import io.ringfence.dataplane.delivery.Peers;
import io.ringfence.dataplane.delivery.ReceiveQueue;
import io.ringfence.dataplane.delivery.ReceiveSide;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Counters;
import io.ringfence.dataplane.telemetry.Latency;
import io.ringfence.dataplane.telemetry.Tally;
import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.virtqueue.BufferChain;
import io.ringfence.vhostuser.virtqueue.SplitVirtqueue;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.util.List;
import org.agrona.concurrent.status.AtomicCounter;
import org.jspecify.annotations.Nullable;

/**
 * What the switch does: the claim held for a batch, a handoff where it is held by another. This is {@link Delivery} itself, driven as a port
 * drives it, without lookup, policing and counters of the sending VM.
 */
final class SwitchSender implements Sender {
    private static final int MAX_FRAME_LENGTH = 1500 + HEADERS_BYTES;
    private static final int RECEIVER = 0;
    private static final int DRAINED_BYTES = 128 * 1514;

    private final ReceiveSide receiver;
    private final int handOffLimit;
    private final Delivery delivery;
    private final AtomicCounter[] counters;
    private final Tally tally;
    private final FrameBatch frames = new FrameBatch();
    private final BufferChain chain = new BufferChain();
    private final Frame frame = new Frame(chain);
    private int alone;

    /** The receiving member of the network, and all the ways there. */
    static final class Network {
        private final ReceiveSide receiver = new ReceiveSide(RECEIVER, new Doorbell(), new Tally(Counters.ofProcess()));
        private final @Nullable Handoff[] incoming;
        private final @Nullable ReceiveSide[] sides;

        /**
         * With this queue of the receiver.
         *
         * @param spread whether each sender has a CPU of its own
         */
        Network(int senders, boolean spread, SplitVirtqueue queue, GuestMemory memory, boolean mergeable) {
            sides = new ReceiveSide[senders + 1];
            sides[RECEIVER] = receiver;
            incoming = new Handoff[senders + 1];
            for (int i = 1; i <= senders; i++) {
                incoming[i] = new Handoff(MAX_FRAME_LENGTH, new Latency(Counters.ofProcess()));
                ReceiveSide sender = new ReceiveSide(i, new Doorbell(), new Tally(Counters.ofProcess()));
                sender.runsOn(spread ? i : 0);
                sides[i] = sender;
            }
            receiver.backlog().tryDrainFrom(new Peers(RECEIVER, sides, new Handoff[senders + 1], incoming));
            receiver.tryClose();
            receiver.reopen(List.of(new ReceiveQueue(queue, Train.HEADER_LENGTH, mergeable, 0)), memory);
        }

        private Peers peersOf(int member) {
            @Nullable Handoff[] outgoing = new Handoff[sides.length];
            outgoing[RECEIVER] = incoming[member];
            return new Peers(member, sides, outgoing, new Handoff[sides.length]);
        }
    }

    /**
     * For one thread.
     *
     * @param number 0 to 62, unique among the senders of the network
     * @param handOffLimit most frames of a batch that go by themselves, which is how they are handed off; the others stay where they are
     */
    SwitchSender(int number, Network network, int handOffLimit) {
        this.handOffLimit = handOffLimit;
        receiver = network.receiver;
        counters = Counters.ofProcess();
        tally = new Tally(counters);
        delivery = new Delivery(number + 1, network.peersOf(number + 1), tally);
    }

    @Override
    public int send(Virtqueue transmit) {
        if (receiver.starved()) {
            settle(); // the guest has posted buffers since, most likely: its kick would have woken the receiver's
            // worker
        }
        int taken = 0;
        int limit = Math.min(transmit.available(), BATCH);
        frames.forget();
        alone = 0;
        while (taken < limit) {
            if (frames.isEmpty()) {
                frames.read(transmit, Train.HEADER_LENGTH, 0, limit - taken);
            }
            int gone = forward(transmit);
            if (gone == 0) {
                break;
            }
            taken += gone;
        }
        delivery.finish(); // also for those whose turn was missed the last time
        if (taken > 0 && transmit.publish()) {
            transmit.call();
        }
        if (taken == 0) {
            settle();
        }
        return taken;
    }

    private int forward(Virtqueue transmit) {
        int alike = delivery.deliver(frames, 0, MAX_FRAME_LENGTH, receiver);
        if (alike > 0) {
            transmit.stage(frames.buffers(), frames.next() - alike, alike);
            transmit.commit(alike);
            return alike;
        }
        if (frames.isEmpty()
                || alone == handOffLimit
                || frames.load(0, chain, frame) != Frame.PARSED
                || delivery.deliver(frame, receiver) != Delivered.DONE) {
            return 0;
        }
        alone++;
        transmit.stage(0, chain.head(), 0);
        transmit.commit(1);
        return 1;
    }

    private long counted(Counter counter) {
        tally.flush();
        return counters[counter.index()].get();
    }

    @Override
    public long missed() {
        return counted(Counter.CLAIMS_MISSED);
    }

    @Override
    public long leftToOthers() {
        return counted(Counter.HANDED_OFF_FRAMES);
    }

    /** What the receiver's worker does when it is rung for; any thread may play it. */
    @Override
    public void settle() {
        int ignored = receiver.backlog().drain(BATCH, DRAINED_BYTES);
    }
}
