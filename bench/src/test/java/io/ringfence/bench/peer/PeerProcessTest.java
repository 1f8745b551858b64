package io.ringfence.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class PeerProcessTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private static PeerProcess shell(String script) {
        return PeerProcess.start("shell", List.of("sh", "-c", script));
    }

    @Test
    void shouldAnswerWhenSpokenTo() {
        try (var process = shell("read line; echo got $line")) {
            process.send("hello");

            assertThat(process.await(Pattern.compile("got (\\w+)"), 0, LIMIT).group(1))
                    .isEqualTo("hello");
        }
    }

    @Test
    void shouldSayWhatWasPrintedWhenTheProcessEndsTooEarly() {
        try (var process = shell("echo no such device >&2; exit 7")) {
            assertThatThrownBy(() -> process.await(Pattern.compile("ready"), 0, LIMIT))
                    .isInstanceOf(PeerException.class)
                    .hasMessageContaining("ready")
                    .hasMessageContaining("no such device");
            assertThat(process.awaitExit(LIMIT)).isEqualTo(7);
        }
    }

    @Test
    void shouldSayWhatWasPrintedWhenThePatternDoesNotComeInTime() {
        try (var process = shell("echo starting; exec sleep 100")) {
            process.await(Pattern.compile("starting"), 0, LIMIT);

            assertThatThrownBy(() -> process.await(Pattern.compile("ready"), 0, Duration.ofMillis(50)))
                    .isInstanceOf(PeerException.class)
                    .hasMessageContaining("still runs")
                    .hasMessageContaining("starting");
        }
    }

    @Test
    void shouldNotFindOldOutputWhenAskedForNewer() {
        try (var process = shell("echo one; read line; echo two")) {
            process.await(Pattern.compile("one\n"), 0, LIMIT);
            int position = process.position();
            process.send("");

            assertThat(process.await(Pattern.compile("\\w+"), position, LIMIT).group())
                    .isEqualTo("two");
        }
    }

    @Test
    void shouldBeDeadWhenClosed() {
        long pid;
        try (var process = shell("trap '' TERM; read line")) {
            pid = process.pid();
            assertThat(process.isAlive()).isTrue();
        }
        assertThat(ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false))
                .isFalse();
    }

    @Test
    void shouldNameTheCommandWhenItCannotBeStarted() {
        assertThatThrownBy(() -> PeerProcess.start("nothing", List.of("no-such-program-here")))
                .isInstanceOf(PeerException.class)
                .hasMessageContaining("no-such-program-here");
    }
}
