package io.ringfence.bench.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class NicenessTest {
    /** Needs no right. */
    private static final int LOWER = 19;

    /** What the kernel says of the calling thread: the 19th word, the 17th behind the name. */
    private static int read() {
        try {
            String stat = Files.readString(Path.of("/proc/thread-self/stat"));
            return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void shouldBeThatOfTheCallingThreadOnly() throws InterruptedException {
        int before = read();
        AtomicInteger other = new AtomicInteger();
        Thread thread = Thread.ofPlatform().start(() -> {
            Niceness.takeOn(LOWER);
            other.set(read());
        });
        thread.join();
        assertThat(other.get()).isEqualTo(LOWER);
        assertThat(read()).isEqualTo(before);
    }
}
