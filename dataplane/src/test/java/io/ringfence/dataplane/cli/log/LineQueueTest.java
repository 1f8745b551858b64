package io.ringfence.dataplane.cli.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LineQueueTest {
    /** Takes nothing until it is read. */
    private static final class Pipe extends OutputStream {
        private final CountDownLatch read = new CountDownLatch(1);
        private final ByteArrayOutputStream got = new ByteArrayOutputStream();

        @Override
        public void write(int octet) {
            try {
                read.await();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
            got.write(octet);
        }
    }

    @Test
    void shouldSayHowManyWereLostAfterTheRestWhenNobodyReadForLong() {
        Pipe pipe = new Pipe();
        LineQueue lines =
                LineQueue.start(new PrintStream(pipe, true, StandardCharsets.UTF_8), lost -> "lost " + lost + "\n");
        for (int i = 0; i < 5_000; i++) {
            lines.add("line " + i + "\n");
        }
        pipe.read.countDown();
        lines.flush(TimeUnit.SECONDS.toMillis(30));
        lines.add("later\n");
        lines.flush(TimeUnit.SECONDS.toMillis(30));

        String[] got = pipe.got.toString(StandardCharsets.UTF_8).lines().toArray(String[]::new);
        int written = got.length - 2;
        for (int i = 0; i < written; i++) {
            assertThat(got[i]).isEqualTo("line " + i);
        }
        assertThat(written).isBetween(1_024, 1_025);
        assertThat(got[written]).isEqualTo("lost " + (5_000 - written));
        assertThat(got[written + 1]).isEqualTo("later");
    }

    @Test
    void shouldGiveUpFlushingWhenNobodyReads() {
        Pipe pipe = new Pipe();
        LineQueue lines = LineQueue.start(new PrintStream(pipe, true, StandardCharsets.UTF_8), lost -> "");
        lines.add("line\n");

        lines.flush(10);

        assertThat(pipe.got.size()).isZero();
    }
}
