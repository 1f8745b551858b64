package io.ringfence.bench.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.BadCommandLine;
import io.ringfence.bench.LaunchedCommand;
import io.ringfence.testing.Await;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The demo as a user runs it, on whatever scheduling this host gives. */
@Timeout(value = 180, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class DemoCommandTest {
    private static final String RUNNING = "p99    worst";
    private static final String DRIVER = "stations";
    private static final Duration LIMIT = Duration.ofSeconds(90);

    @TempDir
    private Path folder;

    private final List<ProcessHandle> started = new ArrayList<>();

    @AfterEach
    void endWhatIsLeft() {
        started.forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void shouldShowAllActsWriteThePageAndLeaveNothingElseBehind() throws Exception {
        Process demo = start("1");
        assertThat(demo.waitFor()).as(output()).isZero();
        assertThat(output())
                .contains("1 of 3", "2 of 3", "3 of 3", "as the kernel says", "Thread polling: CPU ")
                .containsPattern("alone +[45],[0-9]{3} ")
                .containsPattern("The victim's p99 was .* alone, .* beside")
                .doesNotContain("\u001b");
        assertThat(output().lines())
                .allSatisfy(line -> assertThat(line)
                        .satisfiesAnyOf(
                                text -> assertThat(text).hasSizeLessThanOrEqualTo(80),
                                text -> assertThat(text).contains("Plots: ")));
        Path page = Path.of(output().substring(output().indexOf("Plots: ") + "Plots: ".length())
                .strip());
        assertThat(page.getParent()).isEqualTo(folder);
        assertThat(Files.readString(page)).contains("uPlot", "neighbours start");
        Files.delete(page);
        assertNothingLeft(demo.pid());
    }

    @Test
    void shouldCleanUpWhenInterrupted() throws Exception {
        Process demo = start("60");
        List<ProcessHandle> guests = awaitTable(demo);
        assertThat(new ProcessBuilder("kill", "-INT", Long.toString(demo.pid()))
                        .start()
                        .waitFor())
                .isZero();
        assertThat(demo.waitFor()).as(output()).isEqualTo(130);
        assertThat(output()).contains("Stopped").doesNotContain("ringfence:");
        awaitEnd(guests);
        assertNothingLeft(demo.pid());
    }

    @Test
    void shouldSayWhyWhenTheGuestsDie() throws Exception {
        Process demo = start("60");
        awaitTraffic(demo).forEach(ProcessHandle::destroyForcibly);
        assertThat(demo.waitFor()).as(output()).isEqualTo(1);
        assertThat(output()).contains("the process of the guests", "exit code 137");
        assertNothingLeft(demo.pid());
    }

    @Test
    void shouldEndTheGuestsWhenItIsKilled() throws Exception {
        Process demo = start("60");
        List<ProcessHandle> guests = awaitTraffic(demo);
        demo.destroyForcibly().waitFor();
        awaitEnd(guests);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--cpu=4000", "--cpu=-1", "--seconds=0", "--neighbours=9", "--html=/nowhere/page.html"})
    void shouldRefuseABadCommandLine(String option) {
        BadCommandLine.shouldBeRefused(new DemoCommand(), option);
    }

    private Process start(String seconds) throws IOException {
        Path root = Path.of(System.getProperty("ringfence.root"));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + root.resolve("jvm.options"),
                "-Djava.io.tmpdir=" + folder));
        command.addAll(LaunchedCommand.SOON_READY);
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                "io.ringfence.dataplane.cli.Ringfence",
                "demo",
                "--seconds",
                seconds));
        Process demo = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
        started.add(demo.toHandle());
        return demo;
    }

    /** Until there is something to see; returns the processes of the guests. */
    private List<ProcessHandle> awaitTable(Process demo) {
        Await.within(LIMIT, () -> "the table: " + output(), () -> output().contains(RUNNING) || !demo.isAlive());
        return guests(demo);
    }

    /** Until the guests send, which they do long before that; returns their processes. */
    private List<ProcessHandle> awaitTraffic(Process demo) {
        Await.within(
                LIMIT,
                () -> "traffic: " + output(),
                () -> demo.descendants().anyMatch(DemoCommandTest::sends) || !demo.isAlive());
        return guests(demo);
    }

    /** Whether a process has the thread that drives guests during a run. */
    private static boolean sends(ProcessHandle process) {
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(process.pid()), "task"))) {
            return threads.anyMatch(thread -> nameOf(thread).equals(DRIVER));
        } catch (IOException e) {
            return false; // it has ended
        }
    }

    private static String nameOf(Path thread) {
        try {
            return Files.readString(thread.resolve("comm")).strip();
        } catch (IOException e) {
            return ""; // it has ended
        }
    }

    private List<ProcessHandle> guests(Process demo) {
        List<ProcessHandle> guests = demo.descendants().toList();
        assertThat(guests).as(output()).isNotEmpty();
        started.addAll(guests);
        return guests;
    }

    private static void awaitEnd(List<ProcessHandle> processes) {
        Await.within(LIMIT, () -> "the guests end", () -> processes.stream().noneMatch(ProcessHandle::isAlive));
    }

    private String output() {
        try {
            return Files.readString(folder.resolve("output"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void assertNothingLeft(long pid) throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, "ringfence*")) {
            assertThat(left).isEmpty();
        }
        assertThat(partitions(Path.of("/sys/fs/cgroup"), pid)).isEmpty();
        assertThat(partitions(Path.of("/sys/fs/cgroup/cpuset"), pid)).isEmpty();
    }

    private static List<Path> partitions(Path hierarchy, long pid) throws IOException {
        if (!Files.isDirectory(hierarchy)) {
            return List.of();
        }
        try (DirectoryStream<Path> groups = Files.newDirectoryStream(hierarchy, "ringfence." + pid + ".*")) {
            List<Path> found = new ArrayList<>();
            groups.forEach(found::add);
            return found;
        }
    }
}
