package io.ringfence.bench.calibrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.BadCommandLine;
import io.ringfence.bench.LaunchedCommand;
import io.ringfence.dataplane.cost.CostMeasurement;
import io.ringfence.dataplane.cost.CostModelFile;
import io.ringfence.scheduler.CostDistribution;
import io.ringfence.scheduler.CostModel;
import io.ringfence.scheduler.FrameShape;
import io.ringfence.testing.Await;
import io.ringfence.testing.Requirement;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The command as an operator runs it, on this host, however busy it is. */
@Timeout(value = 180, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class CalibrateCommandTest {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    /** Any noise will do here; what a quiet host gives is in docs/guarantees.md. */
    private static final String GENEROUS_PERCENT = "900";

    @TempDir
    private Path folder;

    private final List<Process> started = new ArrayList<>();

    @BeforeEach
    void requireTwoCpus() {
        Requirement.of(Runtime.getRuntime().availableProcessors() > 1, "needs two CPUs, one for the guests");
    }

    @AfterEach
    void endWhatIsLeft() {
        started.forEach(Process::destroyForcibly);
    }

    @Test
    void shouldMeasureAndStoreCostsThatMakeSense() throws Exception {
        Process command = start("--seconds", "5", "--tolerance", GENEROUS_PERCENT, "--least-visits", "2");
        assertThat(command.waitFor()).as(output()).isZero();
        assertThat(output())
                .contains("visits (", "transmit", "receive", "until kicked", "check: visits not fitted")
                .contains("Stored in " + file().path());
        CostMeasurement measured = file().read();
        assertThat(measured.circumstances().samples()).isGreaterThan(50);
        assertThat(measured.circumstances().worstPredictionError()).isLessThan(9);
        assertSensible(measured.costs().transmit());
        assertSensible(measured.costs().receive());
        // A switch of threads and a timer: not for less than a tenth of a microsecond, nor, at p50, for a millisecond.
        assertThat(measured.costs().wakeUp().blocked().p50Nanos()).isBetween(100.0, 1e6);
        assertThat(measured.costs().wakeUp().paced().p50Nanos()).isBetween(100.0, 1e6);
        assertNothingBesides("cost-model.json", "output");
    }

    private static void assertSensible(CostModel.Side side) {
        assertThat(side.perVisit().p50Nanos()).isBetween(50.0, 1e5);
        // Which of them bears how much is the fit's to say; together they are a full-size frame of two descriptors.
        assertThat(frame(side, CostDistribution::p50Nanos)).isBetween(20.0, 1e5);
        assertThat(frame(side, CostDistribution::p99Nanos))
                .isGreaterThanOrEqualTo(frame(side, CostDistribution::p50Nanos));
    }

    private static double frame(CostModel.Side side, ToDoubleFunction<CostDistribution> percentile) {
        return side.frameNanos(new FrameShape(1_514, 2), percentile);
    }

    @Test
    void shouldLeaveNothingBehindWhenInterrupted() throws Exception {
        Process command = start("--seconds", "55");
        Await.within(LIMIT, () -> "it warms up: " + output(), () -> {
            assertThat(command.isAlive()).isTrue();
            return output().contains("warming up");
        });
        assertThat(new ProcessBuilder("kill", "-INT", Long.toString(command.pid()))
                        .start()
                        .waitFor())
                .isZero();
        assertThat(command.waitFor()).as(output()).isEqualTo(130);
        assertThat(output()).contains("Stopped; nothing was stored.").doesNotContain("ringfence:");
        assertNothingBesides("output");
    }

    @Test
    void shouldStoreNothingWhenPredictionsAreNotGoodEnough() throws Exception {
        Process command = start("--seconds", "5", "--tolerance", "0", "--least-visits", "2");
        assertThat(command.waitFor()).as(output()).isEqualTo(3);
        assertThat(output()).contains("ringfence: the model's prediction is off by", "Nothing was stored");
        assertNothingBesides("output");
    }

    @Test
    void shouldStoreNothingWhenThereWereTooFewVisits() throws Exception {
        Process command = start("--seconds", "5", "--tolerance", GENEROUS_PERCENT, "--least-visits", "100000000");
        assertThat(command.waitFor()).as(output()).isEqualTo(3);
        assertThat(output()).contains("visits of each kind, and 100000000 are needed", "Nothing was stored");
        assertNothingBesides("output");
    }

    @Test
    void shouldNotMeasureWhatItCannotStore() throws Exception {
        Files.createDirectory(file().path());
        assertThat(refusalOf("--seconds=55", "--cost-model=" + file().path())).contains("is a folder");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--cpu=4000", "--cpu=-1", "--tolerance=-3", "--cost-model=/proc/x.json", "--cost-model=/"})
    void shouldRefuseABadCommandLine(String option) {
        BadCommandLine.shouldBeRefused(new CalibrateCommand(), option);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 56})
    void shouldRefuseATimeThatIsTooShortOrTooLong(int seconds) {
        assertThat(refusalOf("--seconds=" + seconds)).contains("--seconds " + seconds + ": expected 5 to 55");
    }

    private static String refusalOf(String... options) {
        StringWriter said = new StringWriter();
        PrintWriter writer = new PrintWriter(said);
        int exitCode = new CommandLine(new CalibrateCommand())
                .setOut(writer)
                .setErr(writer)
                .execute(options);
        assertThat(exitCode).as(said.toString()).isEqualTo(2);
        assertThat(said.toString()).doesNotContain("warming up");
        return said.toString();
    }

    private Process start(String... options) throws IOException {
        Path root = Path.of(System.getProperty("ringfence.root"));
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + root.resolve("jvm.options"),
                LaunchedCommand.UNTOUCHED_HEAP,
                "-cp",
                System.getProperty("java.class.path"),
                "io.ringfence.dataplane.cli.Ringfence",
                "calibrate",
                "--cost-model",
                file().path().toString()));
        line.addAll(List.of(options));
        Process command = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
        started.add(command);
        return command;
    }

    private CostModelFile file() {
        return new CostModelFile(folder.resolve("cost-model.json"));
    }

    private String output() {
        try {
            return Files.readString(folder.resolve("output"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void assertNothingBesides(String... names) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(path -> path.getFileName().toString())).containsExactlyInAnyOrder(names);
        }
    }
}
