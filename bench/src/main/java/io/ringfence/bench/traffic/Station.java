package io.ringfence.bench.traffic;

import io.ringfence.vhostuser.frontend.EmbeddedGuest;
import io.ringfence.vhostuser.frontend.GuestOptions;
import io.ringfence.vhostuser.frontend.QueueOptions;
import io.ringfence.vhostuser.frontend.ReceiveQueue;
import io.ringfence.vhostuser.frontend.TransmitQueue;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

/**
 * An embedded guest with a role, driven in short turns by one thread; it polls and is never called.
 *
 * <p>The counts may be read by another thread at any time. Allocates nothing during a run.
 */
final class Station implements AutoCloseable {
    /** Small, so that stations driven by one thread take turns often. */
    private static final int FRAMES_PER_TURN = 32;

    private static final int QUEUE_SIZE = 256;
    private static final long MAX_LATENCY_NANOS = 100_000_000_000L;

    private final Endpoint endpoint;
    private final long mac;
    private final long peer;
    private final EmbeddedGuest guest;
    private final ReceiveQueue receive;
    private final TransmitQueue transmit;
    private final MemorySegment memory;
    private final SequenceCheck arrivals = new SequenceCheck();
    private final Count sent = new Count();
    private final Count corrupt = new Count();
    private final SingleWriterRecorder latencies = new SingleWriterRecorder(MAX_LATENCY_NANOS, 3);

    private Role role = new Role.Sink();
    private int run;
    private long startNanos;

    private Station(Endpoint endpoint, EmbeddedGuest guest) {
        this.endpoint = endpoint;
        this.guest = guest;
        mac = TestFrame.wireOrder(endpoint.mac().bits());
        peer = TestFrame.wireOrder(endpoint.peer().bits());
        receive = guest.receive(0);
        transmit = guest.transmit(0);
        memory = guest.memory().segment();
    }

    /** Attaches a guest with one pair of queues to the back-end. */
    static Station attach(Endpoint endpoint) throws IOException {
        QueueOptions queue = QueueOptions.ofSize(QUEUE_SIZE).withPolling();
        GuestOptions options = GuestOptions.ofPairs(1).withReceive(queue).withTransmit(queue);
        return new Station(endpoint, EmbeddedGuest.connect(endpoint.socket(), options));
    }

    String name() {
        return endpoint.name();
    }

    /** Takes a role and starts to count anew; not during a run. */
    void begin(Role newRole, int newRun, long newStartNanos) {
        role = newRole;
        run = newRun;
        startNanos = newStartNanos;
        arrivals.reset();
        sent.reset();
        corrupt.reset();
        latencies.reset();
    }

    /**
     * Receives and sends what there is now.
     *
     * @param endNanos when the run ends: nothing that departs later is sent
     * @return how many frames
     */
    int turn(long nowNanos, long endNanos) {
        return switch (role) {
            case Role.Echo echo -> echo();
            case Role.Sink sink -> receive.poll(this::examine, FRAMES_PER_TURN);
            case Role.Requests requests -> {
                int replies = receive.poll(this::reply, FRAMES_PER_TURN);
                yield replies + request(requests, Math.min(nowNanos, endNanos - 1));
            }
            case Role.Flood flood -> {
                int taken = receive.poll(this::examine, FRAMES_PER_TURN);
                yield nowNanos < endNanos ? taken + flood(flood.lengthBytes(), nowNanos) : taken;
            }
        };
    }

    private int request(Role.Requests requests, long untilNanos) {
        // Request i is to depart at start + i / rate: late ones are sent at once, and are late in the figures too.
        long due = (untilNanos - startNanos) * requests.perSecond() / 1_000_000_000L + 1;
        int count = 0;
        for (long i = sent.read(); i < due && count < FRAMES_PER_TURN; i++, count++) {
            long intended = startNanos + i * 1_000_000_000L / requests.perSecond();
            if (!send(requests.lengthBytes(), intended)) {
                break;
            }
        }
        transmit.flush();
        return count;
    }

    private int flood(int lengthBytes, long nowNanos) {
        int count = 0;
        while (count < FRAMES_PER_TURN && send(lengthBytes, nowNanos)) {
            count++;
        }
        transmit.flush();
        return count;
    }

    private boolean send(int lengthBytes, long intendedNanos) {
        long offset = transmit.claim(lengthBytes);
        if (offset < 0) {
            return false;
        }
        TestFrame.address(memory, offset, peer, mac);
        TestFrame.write(memory, offset, lengthBytes, run, sent.read(), intendedNanos);
        transmit.commit();
        sent.add(1);
        return true;
    }

    private int echo() {
        // Requests stay in the receive queue until there is room for their replies.
        transmit.reclaim();
        int room = QUEUE_SIZE - transmit.inFlight();
        int count = receive.poll(this::echo, Math.min(room, FRAMES_PER_TURN));
        transmit.flush();
        return count;
    }

    private void echo(MemorySegment frameMemory, long offset, int lengthBytes) {
        if (examine(frameMemory, offset, lengthBytes)) {
            long reply = transmit.claim(lengthBytes);
            MemorySegment.copy(frameMemory, offset, memory, reply, lengthBytes);
            TestFrame.address(memory, reply, peer, mac);
            transmit.commit();
            sent.add(1);
        }
    }

    private void reply(MemorySegment frameMemory, long offset, int lengthBytes) {
        if (examine(frameMemory, offset, lengthBytes)) {
            long nanos = System.nanoTime() - TestFrame.intendedNanos(frameMemory, offset);
            latencies.recordValue(Math.clamp(nanos, 0, MAX_LATENCY_NANOS));
        }
    }

    private boolean examine(MemorySegment frameMemory, long offset, int lengthBytes) {
        return switch (TestFrame.examine(frameMemory, offset, lengthBytes, run)) {
            case INTACT -> {
                arrivals.arrived(TestFrame.sequence(frameMemory, offset));
                yield true;
            }
            case CORRUPT -> {
                corrupt.add(1);
                yield false;
            }
            case FOREIGN -> false;
        };
    }

    /** What was counted since the run began; any thread. */
    FlowCounts counts() {
        return new FlowCounts(
                sent.read(),
                arrivals.received.read(),
                corrupt.read(),
                arrivals.missing.read(),
                arrivals.duplicates.read(),
                arrivals.reordered.read());
    }

    /** Round trips recorded since the last call; one thread, not necessarily the driving one. */
    Histogram takeLatencies() {
        return latencies.getIntervalHistogram();
    }

    @Override
    public void close() {
        guest.close();
    }
}
