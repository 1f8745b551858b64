package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.Frames.address;
import static io.ringfence.dataplane.path.Frames.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.path.RawQueue.Piece;
import io.ringfence.dataplane.port.GuestPort;
import io.ringfence.dataplane.telemetry.Counter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Guests that know each other, the first of which sends; its port is visited for a batch at a time. For one test. */
final class BatchFixture implements AfterEachCallback {
    static final int MEMBERS = 6;

    final Lan lan = Lan.of(MEMBERS);
    final List<RawGuest> guests = new ArrayList<>();
    /** When it began; a visit at this time has nobody's patience end. */
    final long startNanos = System.nanoTime();

    void attach(long features) {
        attach(features, 1);
    }

    void attach(long features, int pairs) {
        for (int i = 0; i < MEMBERS; i++) {
            guests.add(new RawGuest(features, 1024, pairs));
            lan.port(i).configure(guests.get(i).state());
            lan.network().addresses().learn(address(i), i, System.nanoTime());
        }
    }

    /** One batch; returns whether there is more to do. */
    int batch(int member) {
        long now = System.nanoTime();
        return lan.port(member).visit(now, now);
    }

    /** One batch, which must leave something; returns how many frames the guest gets back. */
    int framesOfBatch(int member) {
        assertThat(batch(member)).isEqualTo(GuestPort.MORE);
        return guests.get(member).reclaimed();
    }

    void sendInPieces(int to, int descriptors) {
        sendInPieces(0, to, descriptors);
    }

    void sendInPieces(int pair, int to, int descriptors) {
        sendInPieces(pair, address(to), descriptors);
    }

    void sendInPieces(int pair, long destination, int descriptors) {
        Piece[] pieces = guests.get(0).pieces(lengths(descriptors));
        guests.get(0).write(pieces, frame(destination, address(0), 99 + descriptors - 12));
        guests.get(0).queues.get(2 * pair + 1).postIndirect(false, pieces);
    }

    /** Lengths of the buffers of a frame: a byte each, but for the first. */
    static int[] lengths(int descriptors) {
        int[] lengths = new int[descriptors];
        Arrays.fill(lengths, 1);
        lengths[0] = 100;
        return lengths;
    }

    void sendFrames(int pair, int to, int count) {
        for (int i = 0; i < count; i++) {
            guests.get(0).send(pair, frame(address(to), address(0), 60));
        }
    }

    /** Frames that wait in each transmit queue of the sender. */
    List<Integer> waiting() {
        List<RawQueue> queues = guests.get(0).queues;
        return IntStream.range(0, queues.size() / 2)
                .mapToObj(pair -> queues.get(2 * pair + 1).inFlight())
                .toList();
    }

    /** A batch at a time, until the port has nothing more to do at once; returns how many frames each took. */
    List<Long> batches() {
        List<Long> batches = new ArrayList<>();
        int found = GuestPort.MORE;
        while (found == GuestPort.MORE) {
            assertThat(batches).as("frames of each batch").hasSizeLessThan(100);
            long before = lan.count(0, Counter.TRANSMITTED_FRAMES);
            found = lan.port(0).visit(startNanos, startNanos); // nobody's patience ends
            batches.add(lan.count(0, Counter.TRANSMITTED_FRAMES) - before);
        }
        return batches;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        lan.close();
        guests.forEach(RawGuest::close);
    }
}
