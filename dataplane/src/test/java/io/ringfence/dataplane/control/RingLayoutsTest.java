package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.config.Configuration;
import io.ringfence.vhostuser.frontend.EmbeddedGuest;
import io.ringfence.vhostuser.frontend.GuestOptions;
import io.ringfence.vhostuser.frontend.QueueOptions;
import io.ringfence.vhostuser.protocol.Features;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Guests with split and with packed queues of all shapes, in one network, before and after a reconnection. */
@RequiresDataplaneCpu
class RingLayoutsTest {
    private static final int FRAMES = 2_000;
    private static final int BURST = 7;
    private static final long TIME_LIMIT_NANOS = Duration.ofSeconds(30).toNanos();

    /** A guest, by what is special about its queues. */
    record Layout(String name, GuestOptions options) {
        long packed() {
            return options.features() & Features.RING_PACKED;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static final GuestOptions PLAIN = GuestOptions.ofPairs(1);
    private static final GuestOptions IN_ORDER = PLAIN.withFeatures(Features.IN_ORDER | Features.EVENT_IDX);
    private static final List<Layout> LAYOUTS = List.of(
            new Layout("split", PLAIN),
            new Layout("packed", PLAIN.withPackedRings()),
            new Layout("packed in order", IN_ORDER.withPackedRings()),
            new Layout(
                    "packed lists, uneven, many buffers a frame",
                    PLAIN.withPackedRings()
                            .withTransmit(QueueOptions.ofSize(61).withChains(3).withBase(120))
                            .withReceive(QueueOptions.ofSize(100).withBufferLength(300))),
            new Layout(
                    "packed tables, no EVENT_IDX",
                    PLAIN.withFeatures(Features.INDIRECT_DESC)
                            .withPackedRings()
                            .withTransmit(QueueOptions.ofSize(30).withIndirectTables(4))
                            .withReceive(QueueOptions.ofSize(30).withIndirectTables(2))));

    @TempDir
    private static Path folder;

    private static Dataplane dataplane;

    /** One for all pairs: each of them is also a reconnection with other queues than before. */
    @BeforeAll
    static void start() throws Exception {
        dataplane = Started.of(Configuration.parse("""
                host: { cpus: [1], scheduling: other }
                networks: [ { name: blue } ]
                vms:
                  - { name: alice, socket: %1$s/alice.sock, network: blue, reservation: { runtime: 100us, period: 1ms } }
                  - { name: bob, socket: %1$s/bob.sock, network: blue, reservation: { runtime: 100us, period: 1ms } }
                """.formatted(folder), "test.yaml"), new RecordedEvents());
    }

    @AfterAll
    static void stop() {
        dataplane.close();
    }

    static Stream<Arguments> pairs() {
        return LAYOUTS.stream().flatMap(first -> LAYOUTS.stream().map(second -> Arguments.of(first, second)));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void shouldCarryEveryFrameInOrder(Layout first, Layout second) throws Exception {
        try (EmbeddedGuest one = EmbeddedGuest.connect(folder.resolve("alice.sock"), first.options());
                EmbeddedGuest two = EmbeddedGuest.connect(folder.resolve("bob.sock"), second.options())) {
            assertThat(one.features() & Features.RING_PACKED).isEqualTo(first.packed());
            assertThat(two.features() & Features.RING_PACKED).isEqualTo(second.packed());
            NumberedGuest alice = new NumberedGuest(0, one);
            NumberedGuest bob = new NumberedGuest(1, two);
            exchange(alice, bob);

            one.detach();
            one.attach();
            two.session().close();
            two.attach();
            exchange(alice, bob);

            assertThat(alice.violations()).isEmpty();
            assertThat(bob.violations()).isEmpty();
        }
    }

    /** Bursts to and fro; the next ones when all have come, so that nobody has a reason to drop any. */
    private static void exchange(NumberedGuest alice, NumberedGuest bob) {
        long end = System.nanoTime() + TIME_LIMIT_NANOS;
        for (int frames = 0; frames < FRAMES; frames += BURST) {
            for (int i = 0; i < BURST; i++) {
                int length = 60 + (frames * 31 + i * 211) % 1400;
                assertThat(alice.send(bob, length)).isTrue();
                assertThat(bob.send(alice, length)).isTrue();
            }
            alice.flush();
            bob.flush();
            while (bob.receivedFrom(alice) < alice.sentTo(bob) || alice.receivedFrom(bob) < bob.sentTo(alice)) {
                if (alice.take(BURST) + bob.take(BURST) == 0) {
                    assertThat(System.nanoTime() - end)
                            .as("%d of %d and %d of %d frames within the time limit"
                                    .formatted(
                                            bob.receivedFrom(alice),
                                            alice.sentTo(bob),
                                            alice.receivedFrom(bob),
                                            bob.sentTo(alice)))
                            .isNegative();
                    LockSupport.parkNanos(20_000);
                }
            }
        }
    }
}
