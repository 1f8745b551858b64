package io.ringfence.bench.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ResidentMemoryTest {
    @Test
    void shouldTellGuestsAndJavaHeapFromTheRest() {
        List<String> lines = List.of(
                "40000000000-40010000000 rw-s 00000000 00:01 1024    /memfd:java_heap (deleted)",
                "Size:             262144 kB",
                "Rss:              262144 kB",
                "7f0000000000-7f0000200000 rw-s 00000000 00:01 2048  /memfd:ringfence-guest (deleted)",
                "Rss:                 512 kB",
                "Pss:                 256 kB",
                "7f0000200000-7f0000400000 rw-p 00000000 00:00 0 ",
                "Rss:                  16 kB",
                "7f0000400000-7f0000401000 r-xp 00000000 fe:00 4711  /usr/lib/libc.so.6",
                "Rss:                   4 kB");
        assertThat(ResidentMemory.parse(lines)).isEqualTo(new ResidentMemory(512 << 10, 256 << 20, 20 << 10));
    }

    @Test
    void shouldReadThatOfThisProcess() {
        assertThat(ResidentMemory.of(ProcessHandle.current().pid()).other()).isGreaterThan(1 << 20);
    }
}
