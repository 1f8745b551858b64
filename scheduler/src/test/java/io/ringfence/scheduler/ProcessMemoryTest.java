package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class ProcessMemoryTest {
    private static final long LENGTH_BYTES = 100_000;

    @Test
    void shouldGiveZeroedMemoryThatTheArenaFrees() {
        MemorySegment memory;
        try (Arena arena = Arena.ofShared()) {
            memory = ProcessMemory.onDemand(LENGTH_BYTES, arena);
            assertThat(memory.byteSize()).isEqualTo(LENGTH_BYTES);
            assertThat(memory.address() % 4096).isZero();
            assertThat(memory.get(ValueLayout.JAVA_BYTE, LENGTH_BYTES - 1)).isZero();
            memory.fill((byte) 1);
            assertThat(memory.get(ValueLayout.JAVA_BYTE, LENGTH_BYTES - 1)).isOne();
        }
        assertThatThrownBy(() -> memory.get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldSayWhatTheKernelRefused() {
        try (Arena arena = Arena.ofShared()) {
            assertThatThrownBy(() -> ProcessMemory.onDemand(1L << 60, arena))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("mmap of 1152921504606846976 bytes failed with error 12");
        }
    }
}
