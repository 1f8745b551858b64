package io.ringfence.bench.bridge;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.vhostuser.virtqueue.BufferChain;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FrameVectorTest {
    private final BufferChain chain = new BufferChain();
    private final FrameVector frame = new FrameVector();
    private Arena arena;
    private MemorySegment memory;

    @BeforeEach
    void allocate() {
        arena = Arena.ofConfined();
        memory = arena.allocate(4096);
        memory.fill((byte) 0x55);
    }

    @AfterEach
    void free() {
        frame.close();
        arena.close();
    }

    private void shouldBe(int entry, long offset, long length) {
        assertThat(frame.entries().get(JAVA_LONG, 16L * entry)).isEqualTo(memory.address() + offset);
        assertThat(frame.entries().get(JAVA_LONG, 16L * entry + 8)).isEqualTo(length);
    }

    @Test
    void shouldLeaveOutTheHeaderWhenItSharesABufferWithTheFrame() {
        chain.add(memory, 100, 76);
        chain.add(memory, 1000, 20);

        assertThat(frame.set(chain)).isTrue();

        assertThat(frame.count()).isEqualTo(2);
        shouldBe(0, 112, 64);
        shouldBe(1, 1000, 20);
    }

    @Test
    void shouldLeaveOutTheHeaderWhenItIsSpreadOverSeveralBuffers() {
        chain.add(memory, 0, 5);
        chain.add(memory, 50, 7);
        chain.add(memory, 100, 60);

        assertThat(frame.set(chain)).isTrue();

        assertThat(frame.count()).isEqualTo(1);
        shouldBe(0, 100, 60);
    }

    @Test
    void shouldHaveNoRoomWhenThereIsOnlyAHeader() {
        chain.add(memory, 0, 12);

        assertThat(frame.set(chain)).isFalse();
    }

    @Test
    void shouldSayOneBufferInAHeaderThatIsSpreadOverSeveral() {
        chain.add(memory, 0, 11);
        chain.add(memory, 50, 7);

        FrameHeader.write(chain);

        assertThat(memory.asSlice(0, 11).toArray(JAVA_BYTE)).containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
        assertThat(memory.asSlice(50, 2).toArray(JAVA_BYTE)).containsExactly(0, 0x55);
    }
}
