package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.Frames.address;
import static io.ringfence.dataplane.path.Frames.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.delivery.Held;
import io.ringfence.dataplane.path.RawQueue.Piece;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.vhostuser.backend.DeviceState;
import io.ringfence.vhostuser.memory.MemoryProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A front-end makes its memory short and long again before anybody can look. It loses the frames that met that, and ends nobody's
 * session.
 */
class FlickeringMemoryTest {
    private static final int SENDER = 0;
    private static final int CULPRIT = 1;
    private static final int OTHER = 2;
    private static final int ROUNDS = 20;
    /** Behind the culprit's rings, and before all its buffers. */
    private static final long KEPT = 32 << 20;

    private static final long WHOLE = 64 << 20;

    private final Lan lan = Lan.of(3);
    private final RawGuest sender = RawGuest.of(RawGuest.MODERN);
    private final RawGuest culprit = RawGuest.of(RawGuest.MERGEABLE);
    private final RawGuest other = RawGuest.of(RawGuest.MODERN);

    @BeforeEach
    void attach() {
        lan.port(SENDER).configure(sender.state());
        lan.port(CULPRIT).configure(culprit.state());
        lan.port(OTHER).configure(other.state());
        for (int i = 0; i < 3; i++) {
            lan.network().addresses().learn(address(i), i, System.nanoTime());
        }
        other.offer(200, 2048);
    }

    @AfterEach
    void detach() {
        lan.close();
        sender.close();
        culprit.close();
        other.close();
    }

    /** One visit while the culprit's file is short; whether it met that, and then whether the member's own session must end. */
    private boolean visitWhileShort(int member) {
        culprit.memory.truncate(KEPT);
        try {
            lan.visit(member);
            return false;
        } catch (InternalError fault) {
            culprit.memory.truncate(WHOLE);
            return lan.port(member).recover(true);
        } finally {
            culprit.memory.truncate(WHOLE);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldGoOnWithTheNextFrameWhenTheReceiversMemoryIsBackBeforeAnybodyLooks(int pieces) {
        for (int round = 0; round < ROUNDS; round++) {
            Piece buffer = new Piece(KEPT + 4096L * round, 2048);
            Piece[] buffers = pieces == 1 ? new Piece[] {buffer} : new Piece[] {culprit.pieces(12)[0], buffer};
            culprit.receiver().post(true, buffers);
            sender.send(frame(address(CULPRIT), address(SENDER), 1000));
            sender.send(frame(address(OTHER), address(SENDER), 1000));

            assertThat(visitWhileShort(SENDER))
                    .as("the sender's session ends in round %d", round)
                    .isFalse();

            lan.visit(SENDER);
            assertThat(lan.port(CULPRIT).takeMemoryLost()).isFalse();
            assertThat(other.received()).as("frames to another").hasSize(1);
        }
        // Compiled code may learn of a fault one frame late, and then gives up that one.
        assertThat(lan.count(SENDER, Counter.DROPPED_MEMORY_LOST))
                .as("frames given up; %s", lan.describe(SENDER))
                .isPositive();
        assertThat(lan.count(SENDER, Counter.TRANSMITTED_FRAMES)).isEqualTo(2 * ROUNDS);
        assertThat(lan.count(SENDER, Counter.MEMORY_FAULTS)).isZero();
        assertThat(Held.free(lan.receive(CULPRIT))).isTrue();
        assertThat(Held.free(lan.receive(OTHER))).isTrue();
    }

    @Test
    void shouldAskAboutNoMorePiecesThanAllowedWhenTheReceiverHasManyInHand() {
        culprit.offer(200, 2048);
        sender.send(frame(address(CULPRIT), address(SENDER), 60));
        lan.visit(SENDER);
        MemoryProbe few = new MemoryProbe(16);
        MemoryProbe many = new MemoryProbe(1000);

        assertThat(Held.memoryFoundGone(lan.receive(CULPRIT), few)).isFalse();
        assertThat(few.usedUp()).isTrue();
        assertThat(Held.memoryFoundGone(lan.receive(CULPRIT), many)).isFalse();
        // Three rings, a batch read ahead, and as many buffers as the longest frame takes.
        assertThat(many.asked()).isEqualTo(3 + 64 + 64);
    }

    @Test
    void shouldLetSendersInAfterAllWhenAFaultStrikesWhileTheQueuesAreReplaced() {
        culprit.send(frame(address(OTHER), address(CULPRIT), 60));
        lan.visit(CULPRIT);
        culprit.restart();
        DeviceState next = culprit.state();
        boolean struck = false;
        culprit.memory.truncate(0);
        try {
            lan.port(CULPRIT).configure(next);
        } catch (InternalError fault) {
            struck = true;
        } finally {
            culprit.memory.truncate(WHOLE);
        }
        assertThat(struck).isTrue();
        assertThat(lan.port(CULPRIT).recover(true))
                .as(
                        "it may have been the memory of the one that it sent to; %s; %s",
                        lan.describe(CULPRIT), lan.describe(OTHER))
                .isFalse();

        // As the worker does. Compiled code may learn of the fault when all is in force already.
        assertThat(lan.port(CULPRIT).inForce(next) || lan.port(CULPRIT).configure(next))
                .isTrue();

        assertThat(lan.port(CULPRIT).inForce(next)).isTrue();
        assertThat(lan.receive(CULPRIT).open()).isTrue();
    }

    @Test
    void shouldEndTheOwnSessionWhenNoFrameGetsPastTheFault() {
        sender.send(frame(address(OTHER), address(SENDER), 1000));
        lan.visit(SENDER);

        assertThat(lan.port(SENDER).recover(true))
                .as("after a frame has come through")
                .isFalse();
        assertThat(lan.port(SENDER).recover(true)).as("after none has").isTrue();
    }

    @Test
    void shouldEndTheOwnSessionWhenNothingWasBroughtToAnybody() {
        lan.visit(SENDER);

        assertThat(lan.port(SENDER).recover(true)).isTrue();
    }
}
