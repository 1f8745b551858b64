package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.Frames.address;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.delivery.Held;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.testing.Await;
import io.ringfence.vhostuser.backend.DeviceState;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A front-end takes its memory away while everybody exchanges frames: its own session ends, and no other. */
@Timeout(120)
class MemoryLossTest {
    private static final int MEMBERS = 4;
    private static final int VICTIM = 1;
    private static final int ROUNDS = Integer.getInteger("ringfence.memoryloss.rounds", 10);

    /** Who still has memory may write to it; the victim's thread meets the loss as well, and ends. */
    private static final class Traffic {
        private final Workers workers;
        private final List<Thread> threads = new ArrayList<>();
        private volatile boolean stop;

        Traffic(Workers workers, RandomGenerator random) {
            this.workers = workers;
            for (int i = 0; i < MEMBERS; i++) {
                int member = i;
                long seed = random.nextLong();
                threads.add(Thread.ofPlatform().start(() -> live(member, seed)));
            }
        }

        private void live(int member, long seed) {
            RandomGenerator random =
                    RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
            FlowGuest guest = workers.guests.get(member);
            try {
                while (!stop) {
                    for (int i = 0; i < 16; i++) {
                        int to = random.nextInt(MEMBERS - 1);
                        int length = random.nextInt(FlowGuest.MIN_LENGTH, Lan.MAX_FRAME_LENGTH);
                        guest.send(to >= member ? to + 1 : to, length);
                    }
                    guest.flush();
                    guest.receive(64);
                    LockSupport.parkNanos(random.nextInt(30_000));
                }
                while (guest.inFlight() > 0) {
                    guest.receive(64);
                }
            } catch (InternalError | IllegalStateException vanished) {
                if (member != VICTIM) {
                    workers.violations.add("guest " + member + ": " + vanished);
                }
            }
        }

        void end() throws InterruptedException {
            stop = true;
            for (Thread thread : threads) {
                thread.join();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void shouldEndOnlyThatSessionWhenMemoryVanishesUnderTraffic(long seed) throws InterruptedException {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        for (int round = 0; round < ROUNDS; round++) {
            try (Workers workers = new Workers(MEMBERS)) {
                vanish(workers, random);
            }
        }
    }

    private static void vanish(Workers workers, RandomGenerator random) throws InterruptedException {
        Lan lan = workers.lan;
        Traffic traffic = new Traffic(workers, random);
        LockSupport.parkNanos(random.nextInt(20_000_000));
        workers.guests.get(VICTIM).truncate();
        Await.spinning("the victim's session is reported: " + lan.describe(VICTIM), () -> {
            workers.lan.doorbell(VICTIM).event().signal(); // else nobody may need that memory any more
            return workers.failures(VICTIM).stream().anyMatch(reason -> reason.contains("truncated"));
        });
        workers.configure(VICTIM, DeviceState.empty()); // what its session then does
        long before = lan.count(2, Counter.RECEIVED_FRAMES);
        Await.spinning("the others go on", () -> lan.count(2, Counter.RECEIVED_FRAMES) > before + 1_000);
        traffic.end();
        assertThat(workers.failures(VICTIM)).anyMatch(reason -> reason.contains("truncated"));
        for (int i = 0; i < MEMBERS; i++) {
            if (i != VICTIM) {
                assertThat(workers.failures(i))
                        .as("session of %d, which kept its memory", i)
                        .isEmpty();
                assertThat(lan.count(i, Counter.MEMORY_FAULTS)).isZero();
            }
        }
        // The victim's own last frame may be cut: its memory vanished while it was copied.
        assertThat(workers.violations).allMatch(violation -> violation.contains("of flow " + VICTIM + " corrupted"));
        Await.spinning("all is quiet", () -> quiet(workers));
        assertThat(lan.count(VICTIM, Counter.MEMORY_FAULTS)).isEqualTo(1);
        for (int i = 0; i < MEMBERS; i++) {
            int member = i;
            Await.spinning("nobody holds the claim of " + i, () -> Held.free(lan.receive(member)));
        }
        // What was on its way while its memory vanished may be counted twice or not at all, once for each worker.
        Await.spinning(
                () -> "every frame sent is received or dropped; unaccounted: " + unaccounted(lan),
                () -> Math.abs(unaccounted(lan)) <= MEMBERS);
    }

    /** Wherever the file ends: some frames of the batch are in buffers that are left, but will never be shown. */
    @Test
    void shouldAccountForTheWholeBatchWhenTheReceiverLosesItsMemoryInTheMiddle() {
        Set<Long> lost = new TreeSet<>();
        for (long kept = 0; kept < 1 << 20; kept += 4096) {
            Queue<String> violations = new ConcurrentLinkedQueue<>();
            try (Lan lan = Lan.of(3);
                    FlowGuest sender = new FlowGuest(0, 3, 0, false, violations);
                    FlowGuest receiver = new FlowGuest(1, 3, 0, false, violations);
                    FlowGuest other = new FlowGuest(2, 3, 0, false, violations)) {
                lan.port(0).configure(sender.state());
                lan.port(1).configure(receiver.state());
                lan.port(2).configure(other.state());
                lan.network().addresses().learn(address(1), 1, System.nanoTime());
                lan.network().addresses().learn(address(2), 2, System.nanoTime());
                for (int i = 0; i < 32; i++) {
                    assertThat(sender.send(1 + i % 2, 1500)).isTrue(); // else all would be delivered at once, or none
                }
                sender.flush();
                receiver.truncate(kept);
                try {
                    lan.visit(0);
                } catch (InternalError vanished) {
                    assertThat(lan.port(0).recover(true))
                            .as("the sender's own session must end")
                            .isFalse();
                    lan.visit(0);
                }
                assertThat(lan.total(Counter.TRANSMITTED_FRAMES)).isEqualTo(32);
                assertThat(lan.count(2, Counter.RECEIVED_FRAMES)).isBetween(15L, 16L);
                // Compiled code may learn of the fault one frame late.
                assertThat(Math.abs(unaccounted(lan)))
                        .as("unaccounted frames; %d bytes kept; %s; %s", kept, lan.describe(0), lan.describe(1))
                        .isLessThanOrEqualTo(1);
                lost.add(lan.total(Counter.DROPPED_MEMORY_LOST));
            }
        }
        assertThat(lost).as("frames lost with the memory, by where it ended").hasSizeGreaterThan(5);
    }

    private static long unaccounted(Lan lan) {
        return lan.total(Counter.TRANSMITTED_FRAMES) - lan.total(Counter.RECEIVED_FRAMES) - lan.drops();
    }

    /** The guests that are left read until nothing comes any more. */
    private static boolean quiet(Workers workers) {
        boolean quiet = true;
        for (int i = 0; i < MEMBERS; i++) {
            if (i != VICTIM) {
                workers.guests.get(i).receive(1024);
            }
            quiet &= !workers.lan.receive(i).backlogged() && !Held.anyHandedOff(workers.lan.receive(i));
        }
        return quiet;
    }
}
