package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.Frames.address;
import static io.ringfence.dataplane.path.Frames.frame;

import io.ringfence.dataplane.control.Lan;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A network with a raw guest attached to each of its ports, for one test. */
final class RawGuests implements AfterEachCallback {
    final Lan lan;
    final RawGuest[] guests;

    private RawGuests(Lan lan, int ringSize) {
        this.lan = lan;
        guests = Stream.generate(() -> new RawGuest(RawGuest.MODERN, ringSize, 1))
                .limit(lan.members())
                .toArray(RawGuest[]::new);
        for (int i = 0; i < guests.length; i++) {
            lan.port(i).configure(guests[i].state());
        }
    }

    /** Guests of whom the network knows no more than was configured. */
    static RawGuests strangers(Lan lan) {
        return new RawGuests(lan, 256);
    }

    /** Guests whose addresses the network has learned. */
    static RawGuests known(Lan lan, int ringSize) {
        RawGuests attached = new RawGuests(lan, ringSize);
        for (int i = 0; i < lan.members(); i++) {
            lan.network().addresses().learn(address(i), i, System.nanoTime());
        }
        return attached;
    }

    /** Has a guest send frames of these lengths to another. */
    void send(int from, int to, int... lengths) {
        for (int length : lengths) {
            guests[from].send(frame(address(to), address(from), length));
        }
    }

    /** Lengths of the frames that a guest has received and that nobody has taken. */
    List<Integer> receivedLengths(int guest) {
        return guests[guest].received().stream().map(bytes -> bytes.length).toList();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        lan.close();
        for (RawGuest guest : guests) {
            guest.close();
        }
    }
}
