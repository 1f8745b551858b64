package io.ringfence.dataplane.path;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.delivery.Held;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.worker.WorkerCommand;
import io.ringfence.testing.Await;
import io.ringfence.vhostuser.backend.DeviceState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A bug of ours (anything thrown but the InternalError of lost memory) strikes a worker at a random point: one session
 * ends, its worker lives, no claim stays held, and the others go on.
 */
@Timeout(120)
class FaultTest {
    private static final int MEMBERS = 4;
    private static final int ROUNDS = Integer.getInteger("ringfence.fault.rounds", 15);

    /** All but the victim send to each other and never to it; the victim sends to all. */
    private static final int VICTIM = 0;

    private volatile boolean stop;

    /** Between the updates of counters: also while a batch is published and claims are held. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void shouldEndOneSessionWhenCountingThrows(long seed) throws InterruptedException {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        FaultyCounter.Fuse fuse = new FaultyCounter.Fuse();
        try (Workers workers = new Workers(Lan.withCounters(MEMBERS, fuse::counter))) {
            List<Thread> traffic = traffic(workers, MEMBERS, random);
            for (int round = 0; round < ROUNDS; round++) {
                int reported = reported(workers);
                fuse.light(random.nextInt(1, 100));
                Await.spinning("a session is reported", () -> reported(workers) > reported);
                int struck = IntStream.range(0, MEMBERS)
                        .filter(i -> !workers.failures(i).isEmpty())
                        .findFirst()
                        .orElseThrow();
                assertThat(workers.failures(struck).remove()).contains("internal error in the worker", "a bug");
                assertAlive(workers, struck);
                workers.configure(struck, DeviceState.empty()); // what its session then does
                workers.configure(struck, workers.guests.get(struck).continued()); // and the guest comes back
                assertAllReceive(workers);
            }
            end(traffic);
            assertThat(reported(workers)).as("no session ended without a fault").isZero();
            assertThat(workers.violations).isEmpty();
            assertNothingHeld(workers);
        }
    }

    /** At any access to a guest's memory: it is unmapped while its worker uses it. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void shouldEndOneSessionWhenAnAccessThrows(long seed) throws InterruptedException {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        for (int round = 0; round < ROUNDS; round++) {
            try (Workers workers = new Workers(MEMBERS)) {
                List<Thread> traffic = traffic(workers, 1, random);
                LockSupport.parkNanos(random.nextInt(5_000_000));
                workers.guests.get(VICTIM).unmap();
                Await.spinning("the session is reported", () -> {
                    workers.lan.doorbell(VICTIM).event().signal();
                    return !workers.failures(VICTIM).isEmpty();
                });
                assertThat(workers.failures(VICTIM).remove()).contains("internal error in the worker");
                assertAlive(workers, VICTIM);
                workers.configure(VICTIM, DeviceState.empty());
                for (int i = 1; i < MEMBERS; i++) {
                    assertReceives(workers, i);
                    assertThat(workers.failures(i)).isEmpty();
                }
                end(traffic);
                assertNothingHeld(workers);
            }
        }
    }

    /** Starts the guests; frames go to members from {@code firstReceiver} on, or from 0 if that is {@code MEMBERS}. */
    private List<Thread> traffic(Workers workers, int firstReceiver, RandomGenerator random) {
        stop = false;
        int first = firstReceiver % MEMBERS;
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < MEMBERS; i++) {
            int member = i;
            long seed = random.nextLong();
            threads.add(Thread.ofPlatform().start(() -> live(workers.guests.get(member), member, first, seed)));
        }
        return threads;
    }

    private void live(FlowGuest guest, int member, int firstReceiver, long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        while (!stop) {
            for (int i = 0; i < 16; i++) {
                int to = random.nextInt(firstReceiver, MEMBERS);
                if (to != member) {
                    guest.send(to, random.nextInt(FlowGuest.MIN_LENGTH, Lan.MAX_FRAME_LENGTH));
                }
            }
            guest.flush();
            guest.receive(64);
            LockSupport.parkNanos(random.nextInt(30_000));
        }
    }

    private void end(List<Thread> threads) throws InterruptedException {
        stop = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static int reported(Workers workers) {
        return IntStream.range(0, MEMBERS).map(i -> workers.failures(i).size()).sum();
    }

    private static void assertAlive(Workers workers, int member) {
        CompletableFuture<Void> answered = new CompletableFuture<>();
        workers.submit(member, new WorkerCommand.Answer(() -> answered.complete(null)));
        answered.orTimeout(Workers.TIME_LIMIT_SECONDS, TimeUnit.SECONDS).join();
    }

    private static void assertAllReceive(Workers workers) {
        IntStream.range(0, MEMBERS).forEach(i -> assertReceives(workers, i));
    }

    private static void assertReceives(Workers workers, int member) {
        long before = workers.lan.count(member, Counter.RECEIVED_FRAMES);
        Await.spinning(
                "member %d receives".formatted(member),
                () -> workers.lan.count(member, Counter.RECEIVED_FRAMES) > before + 100);
    }

    private static void assertNothingHeld(Workers workers) {
        for (int i = 0; i < MEMBERS; i++) {
            int member = i;
            Await.spinning("nobody holds the claim of " + i, () -> Held.free(workers.lan.receive(member)));
        }
    }
}
