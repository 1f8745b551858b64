package io.ringfence.dataplane.delivery;

import io.ringfence.dataplane.telemetry.Counters;
import io.ringfence.dataplane.telemetry.Latency;
import io.ringfence.dataplane.telemetry.Tally;
import io.ringfence.vhostuser.event.EventSet;
import io.ringfence.vhostuser.virtqueue.BufferChain;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.agrona.concurrent.status.AtomicCounter;
import org.jspecify.annotations.Nullable;

/**
 * A receive side with one sender, as one round of a jcstress test uses it.
 *
 * <p>It holds native memory and an eventfd, too dear to be made for each of many thousand rounds a second; so it is
 * lent, used, cleaned and lent again. The handoff's position moves on from round to round, over the end of its buffer too.
 */
final class LentReceiver {
    static final int RECEIVER = 0;
    static final int SENDER = 1;
    static final int THIRD = 2;

    /** Longer than the private copy of a frame, so that a frame half copied would be found. */
    private static final int FRAME_LENGTH = 16 + 8 * 14;

    private static final ConcurrentLinkedQueue<LentReceiver> IDLE = new ConcurrentLinkedQueue<>();

    final Doorbell doorbell = new Doorbell();
    final ReceiveSide side;
    private final EventSet events = EventSet.create();
    private final Handoff handoff = new Handoff(1522, latency());
    private final MemorySegment sent = Arena.ofAuto().allocate(FRAME_LENGTH, 8);
    private final Frame outgoing = new Frame(new BufferChain());
    private final Frame incoming = new Frame(new BufferChain());
    private final MemorySegment received = Arena.ofAuto().allocate(FRAME_LENGTH, 8);

    private LentReceiver() {
        events.add(doorbell.event());
        side = new ReceiveSide(RECEIVER, doorbell, new Tally(counters()));
        side.backlog.drainFrom(new @Nullable Handoff[] {null, handoff});
    }

    private static AtomicCounter[] counters() {
        return Counters.ofProcess();
    }

    static Latency latency() {
        return new Latency(counters());
    }

    static LentReceiver borrow() {
        LentReceiver idle = IDLE.poll();
        return idle == null ? new LentReceiver() : idle;
    }

    /** Sender: puts a frame into the handoff whose every word is this number. */
    void offer(int number) {
        for (int at = 0; at < FRAME_LENGTH; at += 8) {
            sent.set(ValueLayout.JAVA_LONG, at, number);
        }
        outgoing.read(sent, 0, FRAME_LENGTH, number);
        if (!handoff.offer(outgoing)) {
            throw new AssertionError("no room in an empty handoff");
        }
    }

    /** Receiver: takes the next frame out and says its number; 0 if there is none, -1 if it is not whole. */
    int take() {
        int[] number = {0};
        handoff.drain(frame -> read(frame, number), incoming, 1, Integer.MAX_VALUE);
        return number[0];
    }

    private boolean read(Frame frame, int[] number) {
        frame.copyTo(received, 0);
        number[0] = frame.flow;
        for (int at = 0; at < FRAME_LENGTH; at += 8) {
            if (frame.lengthBytes() != FRAME_LENGTH || received.get(ValueLayout.JAVA_LONG, at) != frame.flow) {
                number[0] = -1;
            }
        }
        return true;
    }

    /** Whether the receiver's worker would wake up now. */
    boolean rung() {
        return events.await(0) > 0;
    }

    /** Gives it back as it was lent. */
    void giveBack() {
        doorbell.ignore();
        events.await(0);
        while (!handoff.isEmpty()) {
            take();
        }
        if (!side.signs.clear(side.backlog.senders) || !Held.free(side)) {
            throw new AssertionError("an emptied receive side has a backlog or is held");
        }
        IDLE.add(this);
    }
}
