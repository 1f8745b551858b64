package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.Frames.BROADCAST;
import static io.ringfence.dataplane.path.Frames.address;
import static io.ringfence.dataplane.path.Frames.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.vhostuser.backend.DeviceState;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which queue pair frames come to where VMs have several workers, and that the VM stays one to the network. */
class SeveralWorkersTest {
    private static final int PAIRS = 4;
    /** VM 0 has two workers, VM 1 three, VM 2 one; and their first members. */
    private static final int[] WORKERS = {2, 3, 1};

    private static final int[] FIRST = {0, 2, 5};

    private final Lan lan = Lan.ofWorkers(WORKERS);
    private final List<RawGuest> guests = IntStream.range(0, WORKERS.length)
            .mapToObj(i -> new RawGuest(RawGuest.MODERN, 256, PAIRS))
            .toList();

    private void attach() {
        for (int vm = 0; vm < WORKERS.length; vm++) {
            configure(vm);
            for (int pair = 0; pair < PAIRS; pair++) {
                guests.get(vm).offer(pair, 64, 2048);
            }
        }
    }

    private void configure(int vm) {
        lan.configure(guests.get(vm).state(), FIRST[vm], WORKERS[vm]);
    }

    /** Has a guest use the first few of its queue pairs. */
    private void usePairs(int vm, int pairs) {
        for (int queue = 0; queue < 2 * PAIRS; queue++) {
            guests.get(vm).enable(queue, queue < 2 * pairs);
        }
        configure(vm);
    }

    @AfterEach
    void detach() {
        lan.close();
        guests.forEach(RawGuest::close);
    }

    private void send(int from, int pair, long destination, long source) {
        guests.get(from).send(pair, frame(destination, source, 60));
        lan.settle();
    }

    private void send(int from, int pair, int to) {
        send(from, pair, address(to), address(from));
    }

    /** How many frames each queue pair of a guest got since the last time. */
    private List<Integer> received(int vm) {
        return IntStream.range(0, PAIRS)
                .mapToObj(pair -> guests.get(vm).received(pair).size())
                .toList();
    }

    private void receivedByNow() {
        IntStream.range(0, WORKERS.length).forEach(this::received);
    }

    /** Everybody has said something, so that nothing is flooded from now on. */
    private void introduce() {
        attach();
        for (int vm = 0; vm < WORKERS.length; vm++) {
            send(vm, 0, BROADCAST, address(vm));
        }
        receivedByNow();
    }

    @Test
    void shouldBringEachFlowToOneQueuePairAndSpreadFlowsOverAllWorkers() {
        introduce();
        for (int pair = 0; pair < PAIRS; pair++) {
            send(2, pair, 0);
            send(2, pair, 0);
        }
        assertThat(received(0)).as("two workers, two queue pairs each").containsExactly(2, 2, 2, 2);
        for (int pair = 0; pair < PAIRS; pair++) {
            send(2, pair, 1);
        }
        // Two flows have to share a worker.
        assertThat(received(1)).as("three workers").containsExactly(1, 1, 2, 0);
        for (int pair = 0; pair < PAIRS; pair++) {
            send(0, pair, 2);
        }
        assertThat(received(2)).as("one worker").containsExactly(1, 1, 1, 1);
        assertThat(lan.drops()).isZero();
    }

    @Test
    void shouldUseTheQueuePairsThatTheGuestUsesThoughWorkersHaveNone() {
        introduce();
        usePairs(1, 2);
        for (int pair = 0; pair < PAIRS; pair++) {
            send(0, pair, 1);
        }
        assertThat(received(1)).containsExactly(2, 2, 0, 0);
        usePairs(1, 1);
        for (int pair = 0; pair < PAIRS; pair++) {
            send(0, pair, 1);
        }
        assertThat(received(1)).containsExactly(4, 0, 0, 0);
        usePairs(1, PAIRS);
        send(0, 1, 1);
        assertThat(received(1)).containsExactly(0, 1, 0, 0);
        assertThat(lan.drops()).isZero();
    }

    @Test
    void shouldFloodToEachOtherVmOnceAndToNoneOfItsOwnWorkers() {
        attach();
        for (int pair = 0; pair < PAIRS; pair++) {
            send(0, pair, BROADCAST, address(0));
            send(0, pair, address(77), address(0));
        }
        assertThat(received(0)).containsOnly(0);
        assertThat(received(1)).containsExactly(2, 2, 2, 2);
        assertThat(received(2)).containsExactly(2, 2, 2, 2);
        assertThat(lan.total(Counter.FLOODED_FRAMES)).isEqualTo(8);
        assertThat(lan.total(Counter.RECEIVED_FRAMES)).isEqualTo(16);
        assertThat(lan.drops()).isZero();
    }

    @Test
    void shouldKnowAVmByWhatAnyOfItsWorkersHasLearned() {
        introduce();
        long behindTheSecond = address(50);
        send(0, 1, BROADCAST, behindTheSecond);
        receivedByNow();
        send(2, 0, behindTheSecond, address(2));
        assertThat(received(0)).as("by the sender and its queue pair").containsExactly(0, 1, 0, 0);
        assertThat(received(1)).containsOnly(0);

        send(0, 2, behindTheSecond, address(0));
        assertThat(lan.count(0, Counter.DROPPED_TO_SELF)).isEqualTo(1);
        assertThat(lan.drops()).isEqualTo(1);
    }

    @Test
    void shouldFollowAnAddressFromOneVmToAnother() {
        introduce();
        long moving = address(50);
        send(1, 2, BROADCAST, moving);
        send(0, 1, BROADCAST, moving);
        receivedByNow();
        send(1, 1, moving, address(1));
        assertThat(received(0)).containsExactly(0, 1, 0, 0);
        assertThat(received(1)).containsOnly(0);
        send(1, 1, BROADCAST, moving);
        receivedByNow();
        send(0, 3, moving, address(0));
        assertThat(received(1)).containsExactly(0, 0, 0, 1);
        assertThat(received(0)).containsOnly(0);
    }

    @Test
    void shouldSpreadSendersWithOneQueuePairOverTheWorkers() {
        try (Lan other = Lan.ofWorkers(2, 1, 1, 1, 1);
                RawGuest receiver = new RawGuest(RawGuest.MODERN, 256, 2)) {
            other.configure(receiver.state(), 0, 2);
            receiver.offer(0, 64, 2048);
            receiver.offer(1, 64, 2048);
            other.network().addresses().learn(address(0), 0, System.nanoTime());
            for (int sender = 1; sender <= 4; sender++) {
                try (RawGuest guest = RawGuest.of(RawGuest.MODERN)) {
                    other.port(sender + 1).configure(guest.state());
                    guest.send(frame(address(0), address(sender), 60));
                    other.settle();
                    other.port(sender + 1).configure(DeviceState.empty());
                }
            }
            assertThat(receiver.received(0)).hasSize(2);
            assertThat(receiver.received(1)).hasSize(2);
            other.configure(DeviceState.empty(), 0, 2);
        }
    }

    @Test
    void shouldCountEveryFrameAtTheWorkerThatTookIt() {
        introduce();
        long before = lan.total(Counter.TRANSMITTED_FRAMES);
        send(0, 0, 1);
        send(0, 1, 1);
        send(0, 2, 1);
        assertThat(lan.count(0, Counter.TRANSMITTED_FRAMES)).isEqualTo(1 + 2); // one to introduce itself
        assertThat(lan.count(1, Counter.TRANSMITTED_FRAMES)).isEqualTo(1);
        assertThat(lan.total(Counter.TRANSMITTED_FRAMES)).isEqualTo(before + 3);
        assertThat(lan.count(2, Counter.RECEIVED_FRAMES)
                        + lan.count(3, Counter.RECEIVED_FRAMES)
                        + lan.count(4, Counter.RECEIVED_FRAMES))
                .as("those, and two introductions")
                .isEqualTo(3 + 2);
    }
}
