package io.ringfence.bench.traffic;

import io.ringfence.vhostuser.frontend.EmbeddedGuest;
import io.ringfence.vhostuser.frontend.FrameHandler;
import io.ringfence.vhostuser.frontend.GuestOptions;
import io.ringfence.vhostuser.frontend.PieceHandler;
import io.ringfence.vhostuser.frontend.ReceiveQueue;
import io.ringfence.vhostuser.frontend.TransmitQueue;
import io.ringfence.vhostuser.protocol.Features;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * An embedded guest with a role, driven in short turns by one thread; it polls and is never called.
 *
 * <p>Allocates nothing during a run.
 */
final class Station implements AutoCloseable {
    private static final int KICKS_PER_TURN = 4;
    /** A byte at least for each descriptor of a dear frame. */
    private static final int ANNOUNCEMENT_BYTES = 300;

    private final Endpoint endpoint;
    private final long mac;
    private final int transmitBuffers;
    private final EmbeddedGuest guest;
    private final ReceiveQueue receive;
    private final TransmitQueue transmit;
    private final MemorySegment memory;
    private final FrameHandler examining = this::examine;
    private final PieceHandler examiningPieces = this::examinePiece;
    private final LargeFrame large = new LargeFrame();
    private final OddFrame odd = new OddFrame();
    private final Count strays = new Count();
    private final Count operations = new Count();

    private Role role = new Role.Sink();
    private long peer;
    private List<Flow> flows = List.of();
    private TurnWatch watch = TurnWatch.none();
    private Departures departures = new Departures(0, 0);
    private Flow outgoing = new Flow(0, "", null, watch, new Flow.Period(0, 0), 0, null);
    private int run;
    private long blockedNanos;
    private long arrivalNanos;

    private Station(Endpoint endpoint, EmbeddedGuest guest) {
        this.endpoint = endpoint;
        this.guest = guest;
        mac = TestFrame.wireOrder(endpoint.mac().bits());
        transmitBuffers = endpoint.transmit().buffers();
        receive = guest.receive(0);
        transmit = guest.transmit(0);
        memory = guest.memory().segment();
    }

    /** Attaches a guest with one pair of queues to the back-end. */
    static Station attach(Endpoint endpoint) throws IOException {
        GuestOptions options = GuestOptions.ofPairs(1)
                .withReceive(endpoint.receive().withPolling())
                .withTransmit(endpoint.transmit().withPolling());
        GuestOptions framed = endpoint.offloads() ? options.withOffloads() : options;
        GuestOptions wanted = endpoint.packed() ? framed.withPackedRings() : framed;
        EmbeddedGuest guest = endpoint.listens()
                ? EmbeddedGuest.listen(endpoint.socket(), wanted)
                : EmbeddedGuest.connect(endpoint.socket(), wanted);
        if (endpoint.packed() && (guest.features() & Features.RING_PACKED) == 0) {
            guest.close();
            throw new IOException("the back-end of %s has no packed queues, which are wanted: measure split ones"
                    .formatted(endpoint.socket()));
        }
        return new Station(endpoint, guest);
    }

    String name() {
        return endpoint.name();
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** The guest, for a thread that changes its session while this station has no turns. */
    EmbeddedGuest guest() {
        return guest;
    }

    /** Takes a role; not during a run. */
    void prepare(Assignment assignment, int ownFlow, List<Flow> newFlows, TurnWatch newWatch) {
        role = assignment.role();
        peer = TestFrame.wireOrder(assignment.peerOf(endpoint).bits());
        flows = newFlows;
        outgoing = newFlows.get(ownFlow);
        watch = newWatch;
        if (role instanceof Role.Withhold) {
            receive.stopPosting();
        } else {
            receive.startPosting();
        }
        announce();
    }

    /** Tells switches where this station is: one that only receives would stay unknown, and its frames go to everybody. */
    private void announce() {
        long offset = transmit.claim(ANNOUNCEMENT_BYTES);
        if (offset >= 0) {
            LargeFrame.clearRequest(memory, offset);
            TestFrame.announce(memory, offset, ANNOUNCEMENT_BYTES, mac);
            transmit.commit();
            transmit.flush();
        }
    }

    /** Starts to act, and to count anew; frames of other runs are not its business. */
    void begin(int newRun, long startNanos) {
        run = newRun;
        outgoing.begin();
        operations.reset();
        strays.reset();
        blockedNanos = startNanos - 1;
        departures = new Departures(startNanos, rate(role));
    }

    /** Departs anew from this time on. */
    void departFrom(long nanos) {
        departures = new Departures(nanos, rate(role));
    }

    /** How many frames or kicks a role offers a second; 0 if it is not said. */
    static int rate(Role role) {
        return switch (role) {
            case Role.Stream stream -> stream.perSecond();
            case Role.Flood flood -> flood.perSecond();
            case Role.Kicks kicks -> kicks.perSecond();
            default -> 0;
        };
    }

    /** After the run: what was due and did not leave will not. */
    void end(long endNanos) {
        if (!(role instanceof Role.Kicks)) {
            outgoing.leftOut(departures.due(endNanos - 1));
        }
    }

    /**
     * Receives and sends what there is now.
     *
     * @param endNanos when the run ends: nothing that departs later is sent
     * @param limit most frames each way
     * @return how many frames
     */
    int turn(long nowNanos, long endNanos, int limit) {
        arrivalNanos = 0;
        return switch (role) {
            case Role.Sink sink -> receive(limit);
            case Role.Withhold withhold -> receive(limit);
            case Role.Stream stream -> receive(limit) + stream(stream.lengthBytes(), nowNanos, endNanos, limit);
            case Role.Flood flood -> receive(limit) + flood(flood, nowNanos, endNanos, limit);
            case Role.Odd ignored -> receive(limit) + sendOdd(nowNanos, endNanos, limit);
            case Role.Kicks kicks -> receive(limit) + kick(kicks, nowNanos, endNanos);
            case Role.Reattach reattach -> 0;
            case Role.Remap remap -> 0;
        };
    }

    private int receive(int limit) {
        return endpoint.offloads() ? receive.pollPieces(examiningPieces, limit) : receive.poll(examining, limit);
    }

    /** What is late is sent at once, and is late in the figures too. */
    private int stream(int lengthBytes, long nowNanos, long endNanos, int limit) {
        long untilNanos = Math.min(nowNanos, endNanos - 1);
        int count = 0;
        for (; count < limit && departures.nextNanos() <= untilNanos; count++) {
            long intended = departures.nextNanos();
            if (!send(lengthBytes, intended)) {
                blockedNanos = nowNanos;
                break;
            }
            if (nowNanos - intended > watch.lateNanos() && intended > blockedNanos) {
                outgoing.departedLate();
            }
            departures.passed(1);
        }
        transmit.flush();
        return count;
    }

    private int flood(Role.Flood flood, long nowNanos, long endNanos, int limit) {
        boolean unlimited = flood.perSecond() == 0 && acts(nowNanos, endNanos);
        long due = unlimited ? limit : departures.due(Math.min(nowNanos, endNanos - 1));
        int count = 0;
        while (count < Math.min(due, limit) && send(flood.lengthBytes(), nowNanos)) {
            count++;
        }
        transmit.flush();
        // Beyond what an empty queue would hold, though it may be just that: a late turn is not made up for.
        long leftOut = unlimited ? 0 : Math.max(0, due - count - transmitBuffers);
        departures.passed(count + leftOut);
        outgoing.leftOut(leftOut);
        return count;
    }

    private int sendOdd(long nowNanos, long endNanos, int limit) {
        if (!acts(nowNanos, endNanos)) {
            return 0;
        }
        int count = 0;
        for (; count < limit; count++) {
            int lengthBytes = odd.lengthBytes();
            long offset = transmit.claim(lengthBytes);
            if (offset < 0) {
                break;
            }
            odd.write(memory, offset, lengthBytes, peer, mac);
            transmit.commit();
        }
        transmit.flush();
        operations.add(count);
        return count;
    }

    private boolean acts(long nowNanos, long endNanos) {
        return nowNanos < endNanos && nowNanos >= departures.startNanos();
    }

    private int kick(Role.Kicks kicks, long nowNanos, long endNanos) {
        if (!acts(nowNanos, endNanos)) {
            return 0;
        }
        long due = kicks.perSecond() == 0 ? KICKS_PER_TURN : departures.due(nowNanos);
        int count = (int) Math.min(due, KICKS_PER_TURN);
        for (int i = 0; i < count; i++) {
            transmit.rings().kick().signal();
        }
        operations.add(count);
        departures.passed(due);
        return 0;
    }

    private boolean send(int lengthBytes, long intendedNanos) {
        long offset = transmit.claim(lengthBytes);
        if (offset < 0) {
            return false;
        }
        TestFrame.address(memory, offset, peer, mac);
        if (lengthBytes == LargeFrame.LENGTH_BYTES) {
            LargeFrame.write(memory, offset, run, outgoing.number(), outgoing.nextSequence(), intendedNanos);
        } else {
            if (endpoint.offloads()) {
                LargeFrame.clearRequest(memory, offset);
            }
            TestFrame.write(
                    memory, offset, lengthBytes, run, outgoing.number(), outgoing.nextSequence(), intendedNanos);
        }
        transmit.commit();
        outgoing.departed();
        return true;
    }

    private void examine(MemorySegment frameMemory, long offset, int lengthBytes) {
        TestFrame.Finding finding = TestFrame.examine(frameMemory, offset, lengthBytes, run);
        if (finding != TestFrame.Finding.FOREIGN) {
            count(
                    finding,
                    TestFrame.flow(frameMemory, offset),
                    TestFrame.sequence(frameMemory, offset),
                    TestFrame.intendedNanos(frameMemory, offset));
        }
    }

    private void examinePiece(MemorySegment frameMemory, long offset, int lengthBytes, int position, boolean last) {
        if (last && position == 0 && lengthBytes <= TestFrame.MAX_LENGTH_BYTES) {
            examine(frameMemory, offset, lengthBytes);
            return;
        }
        large.examine(frameMemory, offset, lengthBytes, position, run);
        if (last) {
            count(large.finding(position + lengthBytes), large.flow(), large.sequence(), large.intendedNanos());
        }
    }

    /** Counts a frame that came, for its flow if it was sent to this station. */
    private void count(TestFrame.Finding finding, int number, long sequence, long intendedNanos) {
        if (finding == TestFrame.Finding.FOREIGN) {
            return;
        }
        if (number < 0 || number >= flows.size() || !flows.get(number).leadsTo(this)) {
            strays.add(1);
            return;
        }
        Flow flow = flows.get(number);
        if (finding == TestFrame.Finding.CORRUPT) {
            flow.arrivedCorrupt();
            return;
        }
        if (arrivalNanos == 0) {
            // Once for all frames that were there when this turn looked.
            arrivalNanos = System.nanoTime();
        }
        flow.arrived(sequence, intendedNanos, arrivalNanos);
    }

    /** Frames that were not sent to this station. */
    long strays() {
        return strays.read();
    }

    /** Kicks, odd frames, or what else it did. */
    Count operations() {
        return operations;
    }

    @Override
    public void close() {
        guest.close();
    }
}
