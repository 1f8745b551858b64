package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.Frames.address;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.path.RawGuest.Received;
import io.ringfence.vhostuser.protocol.Features;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;

/** Two guests, of which the first leaves all work to the second; it is up to the test who visits them. */
final class OffloadPair implements AutoCloseable {
    static final long SENDS = RawGuest.MODERN | Features.NET_OFFLOADS;
    private static final long LIMIT_NANOS = 10_000_000_000L;

    final Lan lan;
    final RawGuest sender;
    final RawGuest receiver;
    private final Random random;

    OffloadPair(Random random, Lan lan, RawGuest sender, RawGuest receiver) {
        this.random = random;
        this.lan = lan;
        this.sender = sender;
        this.receiver = receiver;
        lan.port(0).configure(sender.state());
        lan.port(1).configure(receiver.state());
    }

    /** With a receiver of these features, whose queues have so many entries. */
    OffloadPair(Random random, long features, int entries) {
        this(random, RawGuest.of(SENDS), new RawGuest(features, entries, 1));
    }

    OffloadPair(Random random, RawGuest sender, RawGuest receiver) {
        this(random, Lan.of(2), sender, receiver);
    }

    /** Transmits a frame from one to the other that is to be cut into packets of TCP over IPv4. */
    OffloadFrame sendTcp(int payload, int segment) {
        OffloadFrame frame = OffloadFrame.random(random, address(1), false, true, payload, segment);
        send(frame);
        return frame;
    }

    void send(OffloadFrame frame) {
        sender.sendScattered(random, frame.header(), frame.bytes());
    }

    /** Transmits a frame that leaves nothing to do. */
    void sendPlain() {
        sender.send(Frames.frame(address(1), address(0), 60));
    }

    /** What has come since this was last asked. */
    List<Received> received() {
        return receiver.receivedWithHeaders(0);
    }

    /** Does this and visits both, time and again, until it is so, or for so long that it never will be. */
    void visitUntil(BooleanSupplier condition, Runnable before) {
        long untilNanos = System.nanoTime() + LIMIT_NANOS;
        while (!condition.getAsBoolean() && System.nanoTime() < untilNanos) {
            before.run();
            lan.visit(0);
            lan.visit(1);
        }
    }

    @Override
    public void close() {
        receiver.close();
        sender.close();
        lan.close();
    }
}
