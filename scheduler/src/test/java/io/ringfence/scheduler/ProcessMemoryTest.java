package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ProcessMemoryTest {
    private static final long LENGTH_BYTES = 100_000;

    @Test
    void shouldGiveZeroedMemoryUntilItIsFreed() throws IOException {
        MemorySegment memory = ProcessMemory.onDemand(LENGTH_BYTES);

        assertThat(memory.byteSize()).isEqualTo(LENGTH_BYTES);
        assertThat(memory.address() % 4096).isZero();
        assertThat(memory.get(ValueLayout.JAVA_BYTE, LENGTH_BYTES - 1)).isZero();
        memory.fill((byte) 1);
        assertThat(memory.get(ValueLayout.JAVA_BYTE, LENGTH_BYTES - 1)).isOne();
        assertThat(isMapped(memory.address())).isTrue();

        ProcessMemory.free(memory);

        assertThat(isMapped(memory.address())).isFalse();
    }

    private static boolean isMapped(long address) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .map(line -> line.split("[- ]", 3))
                .anyMatch(range -> Long.parseUnsignedLong(range[0], 16) <= address
                        && address < Long.parseUnsignedLong(range[1], 16));
    }

    @Test
    void shouldSayWhatTheKernelRefused() {
        assertThatThrownBy(() -> ProcessMemory.onDemand(1L << 60))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("mmap of 1152921504606846976 bytes failed with error 12");
    }
}
