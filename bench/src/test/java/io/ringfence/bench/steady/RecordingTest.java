package io.ringfence.bench.steady;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import jdk.jfr.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is found in recordings of this very JVM. */
@Timeout(60)
final class RecordingTest {
    private static final int EDGE_MILLIS = 800;
    private static final int COMPILE_MILLIS = 100;
    private static final int HOT = 200_000;

    @TempDir
    private Path folder;

    private Configuration settings;

    private static final AtomicReference<Object> KEPT = new AtomicReference<>();
    private static final AtomicInteger SUM = new AtomicInteger();

    @BeforeEach
    void readSettings() throws IOException, ParseException {
        try (Reader file = new InputStreamReader(
                Objects.requireNonNull(SteadyTrial.class.getResourceAsStream("steady.jfc")), StandardCharsets.UTF_8)) {
            settings = Configuration.create(file);
        }
    }

    /** What a thread of this name does while it is recorded, once it has done something else before. */
    private Observation observe(String thread, Runnable before, Runnable work) throws Exception {
        Path file = folder.resolve("test.jfr");
        Instant[] interval = new Instant[2];
        try (jdk.jfr.Recording recording = new jdk.jfr.Recording(settings)) {
            recording.start();
            Thread worker = Thread.ofPlatform().name(thread).start(() -> {
                before.run();
                pause(EDGE_MILLIS);
                interval[0] = Instant.now();
                pause(EDGE_MILLIS);
                work.run();
                pause(EDGE_MILLIS);
                interval[1] = Instant.now();
                pause(EDGE_MILLIS);
            });
            worker.join();
            recording.stop();
            recording.dump(file);
        }
        return Recording.read(file, interval[0], interval[1]);
    }

    private static void pause(int millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void allocate() {
        for (int i = 0; i < 1_000; i++) {
            KEPT.set(new byte[10_000]);
        }
    }

    /** Compiled for numbers that are not negative; the first one that is has it interpreted. */
    private static int hot(int number) {
        return number < 0 ? Integer.numberOfTrailingZeros(number) : number + 1;
    }

    private static void heat() {
        for (int i = 0; i < HOT; i++) {
            SUM.addAndGet(hot(i));
        }
    }

    private static void surprise() {
        heat();
        SUM.addAndGet(hot(-8));
    }

    @Test
    void shouldTellWhereAWorkerAllocates() throws Exception {
        Observation observed = observe("worker-alice", () -> {}, RecordingTest::allocate);

        assertThat(observed.workerBytes().get("worker-alice")).isBetween(10_000_000L, 12_000_000L);
        assertThat(observed.offences()).anySatisfy(offence -> {
            assertThat(offence.isAllocation()).isTrue();
            assertThat(offence.what()).isEqualTo("allocates [B");
            assertThat(offence.threads()).containsExactly("worker-alice");
            assertThat(offence.stack().getFirst()).startsWith(RecordingTest.class.getName() + ".allocate(");
        });
    }

    @Test
    void shouldNotMindWhatOtherThreadsAllocate() throws Exception {
        Observation observed = observe("ringfence-audit", () -> {}, RecordingTest::allocate);

        assertThat(observed.offences()).isEmpty();
        assertThat(observed.workerBytes()).isEmpty();
        assertThat(observed.otherBytes().get("ringfence-audit")).isGreaterThan(10_000_000L);
    }

    @Test
    void shouldNotCountWhatCameBefore() throws Exception {
        Observation observed = observe("worker-alice", RecordingTest::allocate, () -> {});

        assertThat(observed.offences()).isEmpty();
        assertThat(observed.workerBytes().get("worker-alice")).isBetween(0L, 1_000L);
    }

    @Test
    void shouldTellWhereAWorkerIsDeoptimised() throws Exception {
        Observation observed = observe(
                "worker-bob",
                () -> {
                    for (int i = 0; i < 20; i++) {
                        heat();
                        pause(COMPILE_MILLIS);
                    }
                },
                RecordingTest::surprise);

        assertThat(observed.offences()).anySatisfy(offence -> {
            assertThat(offence.isAllocation()).isFalse();
            assertThat(offence.what()).isEqualTo("is deoptimised: unstable_if");
            assertThat(offence.threads()).containsExactly("worker-bob");
            assertThat(String.join(" ", offence.stack())).contains(RecordingTest.class.getName() + ".surprise(");
        });
    }
}
