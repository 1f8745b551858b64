package io.ringfence.bench.calibrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.terminal.Style;
import io.ringfence.testing.Await;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

final class ProgressTest {
    private final StringWriter text = new StringWriter();
    private final PrintWriter out = new PrintWriter(text);

    @Test
    void shouldFillABarOfConstantWidth() {
        assertThat(Progress.bar("visits", 0)).contains("[........................................]   0 %", "visits");
        assertThat(Progress.bar("visits", 0.5)).contains("[####################....................]  50 %");
        assertThat(Progress.bar("visits", 1)).hasSameSizeAs(Progress.bar("warming up", 0));
    }

    @Test
    void shouldMoveOnATerminalAndLeaveACleanLine() {
        try (Progress progress = new Progress(out, Style.TERMINAL, 10)) {
            progress.begin("visits", 5);
            awaitText("visits");
        }
        assertThat(text.toString()).contains("\r[").doesNotContain("\n").endsWith(" \r");
    }

    @Test
    void shouldSayEachPhaseOnceElsewhere() {
        try (Progress progress = new Progress(out, Style.PLAIN, 10)) {
            progress.begin("warming up", 1);
            awaitText("warming up");
            progress.begin("visits", 5);
            awaitText("visits");
        }
        assertThat(text.toString())
                .doesNotContain("\r")
                .containsOnlyOnce("warming up")
                .containsOnlyOnce("visits");
    }

    private void awaitText(String part) {
        Await.until("it says " + part, () -> text.toString().contains(part));
    }
}
