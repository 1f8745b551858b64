package io.ringfence.dataplane.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RunCommandTest {
    @TempDir
    private Path folder;

    @Test
    void shouldExitWithThreeAndStartNothingWhenOvercommitted() throws IOException {
        CommandLineRun run = CommandLineRun.of("run", "--config", configuration("999us"));

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("CPU 1", "alice 0.999", "`runtime: ", "instead of `999us`");
        assertThat(folder.resolve("alice.sock")).doesNotExist();
    }

    @Test
    void shouldListenWhenReadyAndLeaveNothingBehindWhenTerminated() throws Exception {
        Path socket = folder.resolve("alice.sock");
        // Where the tests of the scheduler take turns at CPU 1, too.
        Path turn = Path.of(System.getProperty("java.io.tmpdir"), "ringfence-cpu1.lock");
        try (FileChannel file = FileChannel.open(turn, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var lock = file.lock();
                ChildJvm child = ChildJvm.start(Ringfence.class, "run", "--config", configuration("100us"))) {
            assertThat(lock.isValid()).isTrue();
            String ready = child.nextLine();
            if (ready.equals("null")) {
                skip(child);
            }
            assertThat(ready).startsWith("ready");
            assertThat(socket).exists();
            assertThat(partitionsOf(child)).hasSize(1);

            long startNanos = System.nanoTime();
            child.signal("TERM");

            assertThat(child.exitCode()).isZero();
            assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(Duration.ofSeconds(2));
            assertThat(child.nextLine()).as("more than one line").isEqualTo("null");
            assertThat(child.err())
                    .as("nothing was received, so nothing is shown of it")
                    .containsPattern("alice +visits +\\d+")
                    .doesNotContain("rx-frames");
            assertThat(socket).doesNotExist();
            assertThat(partitionsOf(child)).isEmpty();
        }
    }

    private static void skip(ChildJvm child) throws IOException, InterruptedException {
        String reason = "this host gives no partition of CPU 1: " + child.err();
        assertThat(child.exitCode()).as(reason).isEqualTo(3);
        assertThat(System.getenv("CI"))
                .as("not skipped where CI=true: " + reason)
                .isNotEqualTo("true");
        System.err.println("SKIPPED RunCommandTest: " + reason);
        assumeTrue(false, reason);
    }

    /** The names of partitions carry the pid of their process. */
    private static List<String> partitionsOf(ChildJvm child) throws IOException {
        List<String> names = new ArrayList<>();
        for (Path root : List.of(Path.of("/sys/fs/cgroup/cpuset"), Path.of("/sys/fs/cgroup"))) {
            if (Files.isDirectory(root)) {
                try (Stream<Path> folders = Files.list(root)) {
                    folders.map(path -> String.valueOf(path.getFileName()))
                            .filter(name -> name.startsWith("ringfence." + child.pid() + "."))
                            .forEach(names::add);
                }
            }
        }
        return names;
    }

    private String configuration(String runtime) throws IOException {
        return CommandLineRun.file(
                folder,
                "host: { cpus: [1] }",
                "networks: [{ name: blue }]",
                "vms:",
                "  - name: alice",
                "    socket: \"" + folder.resolve("alice.sock") + "\"",
                "    network: blue",
                "    reservation: { runtime: " + runtime + ", period: 1ms }");
    }
}
