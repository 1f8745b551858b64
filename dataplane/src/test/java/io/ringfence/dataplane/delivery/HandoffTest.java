package io.ringfence.dataplane.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.vhostuser.virtqueue.BufferChain;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames wait by value, in order, also when the sender's memory vanishes while one is copied. */
class HandoffTest {
    private static final int MAX_FRAME_LENGTH = 1522;

    private final MemorySegment memory = Arena.ofAuto().allocate(2048);
    private final Frame frame = new Frame(new BufferChain());
    private final Frame out = new Frame(new BufferChain());

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void shouldHoldEveryWholeFrameInOrderWhenSomeCopiesFail(int seed) {
        Random random = new Random(seed);
        Queue<Long> expected = new ArrayDeque<>();
        try (Handoff handoff = new Handoff(MAX_FRAME_LENGTH, LentReceiver.latency())) {
            for (int i = 0; i < 50_000; i++) {
                int length = 17 + random.nextInt(MAX_FRAME_LENGTH - 16);
                switch (random.nextInt(4)) {
                    case 0, 1 -> {
                        memory.set(ValueLayout.JAVA_LONG, 0, i);
                        frame.read(memory, 0, length, i & 3);
                        if (handoff.offer(frame)) {
                            expected.add((long) i);
                        }
                    }
                    case 2 -> failHalfWay(handoff, length);
                    default -> drain(handoff, expected, random.nextInt(1, 20));
                }
            }
            drain(handoff, expected, Integer.MAX_VALUE);
            assertThat(expected).isEmpty();
            assertThat(handoff.isEmpty()).isTrue();
        }
    }

    private static void failHalfWay(Handoff handoff, int length) {
        Frame vanishing = Held.vanishing(length);
        try {
            if (!handoff.offer(vanishing)) {
                return;
            }
        } catch (IllegalStateException expected) {
            handoff.abandon();
            return;
        }
        throw new AssertionError("the copy was expected to end half way");
    }

    private void drain(Handoff handoff, Queue<Long> expected, int limit) {
        for (int left = limit; left > 0 && !handoff.isEmpty(); left--) {
            handoff.drain(
                    taken -> {
                        assertThat(taken.first).isEqualTo(expected.remove());
                        assertThat(taken.flow).isEqualTo((int) (taken.first & 3));
                        return true;
                    },
                    out,
                    1,
                    Integer.MAX_VALUE);
        }
    }
}
