package io.ringfence.dataplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.cli.systemd.NotifySocket;
import io.ringfence.dataplane.journal.JournalReader;
import io.ringfence.dataplane.journal.JournalRecord;
import io.ringfence.scheduler.linux.CpusetHierarchy;
import io.ringfence.testing.Await;
import io.ringfence.testing.CpuTurn;
import io.ringfence.testing.Requirement;
import io.ringfence.vhostuser.frontend.EmbeddedGuest;
import io.ringfence.vhostuser.frontend.GuestOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith({ChildJvm.LeftBehind.class, CpuTurn.class})
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
    void shouldSayWhatToDoWhenTheRunDirectoryCannotBeWrittenTo() throws IOException {
        Path file = Path.of(configuration("100us"));
        Files.writeString(file, Files.readString(file).replace("cpus: [1]", "cpus: [1], scheduling: other"));
        Path noFolder = Files.createFile(folder.resolve("run"));
        String earlier = System.getProperty("ringfence.run.directory");
        System.setProperty("ringfence.run.directory", noFolder.toString());
        try {
            CommandLineRun run = CommandLineRun.of("run", "--config", file.toString());

            assertThat(run.exitCode()).isEqualTo(3);
            assertThat(run.err()).contains("cannot write " + noFolder, "run as root", "-Dringfence.run.directory=");
        } finally {
            if (earlier == null) {
                System.clearProperty("ringfence.run.directory");
            } else {
                System.setProperty("ringfence.run.directory", earlier);
            }
        }
    }

    @Test
    void shouldListenWhenReadyAndLeaveNothingBehindWhenTerminated() throws Exception {
        Path socket = folder.resolve("alice.sock");
        try (ChildJvm child = ChildJvm.start(Ringfence.class, "run", "--config", configuration("100us"))) {
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

    @Test
    void shouldReadTheFileAgainWhenHungUp() throws Exception {
        Path file = Path.of(configuration("100us"));
        try (ChildJvm child = ChildJvm.start(Ringfence.class, "run", "--config", file.toString())) {
            if (child.nextLine().equals("null")) {
                skip(child);
            }
            String before = Files.readString(file);
            String bob = before.substring(before.indexOf("  - name")).replace("alice", "bob");
            Files.writeString(file, before + bob);
            child.signal("HUP");
            child.errorLine("host: reloaded: +bob, 1 unchanged");
            assertThat(folder.resolve("bob.sock")).exists();

            Files.writeString(file, before + bob.replace("100us", "899us"));
            child.signal("HUP");
            child.errorLine("host: warning: not reloaded, everything goes on as before");
            child.errorLine("CPU 1 need 0.999 of it (alice 0.100, bob 0.899)");
            child.errorLine("bob: `runtime: ");

            Files.writeString(file, before.replace("runtime: 100us", "runtime: 1"));
            child.signal("HUP");
            child.errorLine(file + ":7:");

            Files.writeString(file, before);
            child.signal("HUP");
            child.errorLine("host: reloaded: -bob, 1 unchanged");
            assertThat(folder.resolve("bob.sock")).doesNotExist();

            child.signal("TERM");
            assertThat(child.exitCode()).isZero();
            assertThat(partitionsOf(child)).isEmpty();
        }
    }

    @Test
    void shouldTellTheServiceManagerWhatItDoes() throws Exception {
        Path file = Path.of(configuration("100us"));
        String text = Files.readString(file).replace("cpus: [1]", "cpus: [1], scheduling: other, idle: sleep");
        Files.writeString(file, text);
        Path path = folder.resolve("notify");
        try (NotifySocket manager = new NotifySocket(path.toString());
                ChildJvm child = ChildJvm.startAsService(path, Ringfence.class, "run", "--config", file.toString())) {
            String ready = child.nextLine();
            assertThat(ready).startsWith("ready: 1 VMs on CPUs [1], scheduling ");
            String running = "READY=1\nSTATUS=" + ready.substring("ready: ".length());
            assertThat(manager.nextMessage()).isEqualTo(running);

            child.signal("HUP");
            assertThat(manager.nextMessage()).matches("RELOADING=1\nMONOTONIC_USEC=\\d+");
            assertThat(manager.nextMessage()).isEqualTo(running);

            Files.writeString(file, text.replace("runtime: 100us", "runtime: 1"));
            child.signal("HUP");
            assertThat(manager.nextMessage()).startsWith("RELOADING=1");
            assertThat(manager.nextMessage()).startsWith(running + "; the last reload was refused: " + file + ":7:");

            child.signal("TERM");
            assertThat(manager.nextMessage()).isEqualTo("STOPPING=1\nSTATUS=stopping");
            assertThat(child.exitCode()).isZero();
        }
    }

    @Test
    void shouldRecordTheEndOfARunWhenItsJournalIsOpen() throws Exception {
        Path journal = folder.resolve("journal");
        try (ChildJvm child = ChildJvm.start(Ringfence.class, "run", "--config", journalled(journal))) {
            assertThat(child.nextLine()).startsWith("ready");
            Await.until("the journal is open", () -> !recorded(journal).isEmpty());
            child.signal("TERM");
            assertThat(child.exitCode()).isZero();
            assertThat(child.err()).doesNotContain("journal: ");
        }
        assertWholeRun(journal);
    }

    @Test
    void shouldRecordOrSayThatItDoesNotWhenARunEndsAtOnce() throws Exception {
        Path journal = folder.resolve("journal");
        String said;
        try (ChildJvm child = ChildJvm.start(Ringfence.class, "run", "--config", journalled(journal))) {
            assertThat(child.nextLine()).startsWith("ready");
            child.signal("TERM");
            assertThat(child.exitCode()).isZero();
            said = child.err();
        }
        // Opening the journal takes a second of CPU time, and a stop has no more than two seconds.
        if (!said.contains("journal: the last records were not written")) {
            assertThat(said).doesNotContain("journal: ");
            assertWholeRun(journal);
        }
    }

    /** The configuration of a run, on the rung that every host gives, with this journal. */
    private String journalled(Path journal) throws IOException {
        Path file = Path.of(configuration("100us"));
        Files.writeString(
                file,
                Files.readString(file).replace("cpus: [1]", "cpus: [1], scheduling: other") + "journal: { directory: \""
                        + journal + "\", retain: 16MiB }\n");
        return file.toString();
    }

    private static void assertWholeRun(Path journal) {
        assertThat(recorded(journal))
                .extracting(entry -> entry.getClass().getSimpleName())
                .contains("Started", "Rung", "Admission")
                .endsWith("Stopped");
    }

    @Test
    void shouldNameVmKeyAndPathWhenAFileIsWhereTheFolderOfASocketShouldBe() throws Exception {
        Path noFolder = Files.createFile(folder.resolve("sockets"));
        Path file = Path.of(configuration("100us"));
        Files.writeString(
                file,
                Files.readString(file)
                        .replace("cpus: [1]", "cpus: [1], scheduling: other, idle: sleep")
                        .replace("/alice.sock", "/sockets/alice.sock"));
        try (ChildJvm child = ChildJvm.start(Ringfence.class, "run", "--config", file.toString())) {
            assertThat(child.exitCode()).isEqualTo(1);
            assertThat(child.err())
                    .contains("ringfence: VM alice: `socket: " + noFolder + "/alice.sock` cannot be opened: " + noFolder
                            + " is not a folder");
        }
    }

    @Test
    void shouldAttachAndEndInTimeWhenNobodyReadsStandardError() throws Exception {
        Path file = Path.of(configuration("100us"));
        Files.writeString(
                file, Files.readString(file).replace("cpus: [1]", "cpus: [1], scheduling: other, idle: sleep"));
        try (ChildJvm child = ChildJvm.startUnread(folder, Ringfence.class, "run", "--config", file.toString())) {
            assertThat(child.nextLine()).startsWith("ready");
            // Each is an event or two, which the session's thread has to get rid of.
            for (int i = 0; i < 3; i++) {
                EmbeddedGuest.connect(folder.resolve("alice.sock"), GuestOptions.ofPairs(1))
                        .close();
            }

            long startNanos = System.nanoTime();
            child.signal("TERM");
            assertThat(child.exitCode()).isZero();
            assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(Duration.ofMillis(2_500));
        }
    }

    @Test
    void shouldRecordAGuaranteeThatNoCpuCanKeep() throws Exception {
        Path journal = folder.resolve("journal");
        Path file = Path.of(configuration("100us"));
        Files.writeString(
                file,
                Files.readString(file)
                                .replaceAll("reservation:.*", "guarantee: { rate: 50Mpps, burst: 64, latency: 100us }")
                        + "journal: { directory: \"" + journal + "\", retain: 16MiB }\n");
        CommandLineRun run = CommandLineRun.of(
                "run",
                "--config",
                file.toString(),
                "--cost-model",
                StoredCosts.in(folder).toString());

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains("VM alice: no CPU of this host can keep its guarantee");
        assertThat(recorded(journal)).singleElement().isInstanceOfSatisfying(JournalRecord.Event.class, event -> {
            assertThat(event.warning()).isTrue();
            assertThat(event.text()).startsWith("not started: VM alice: no CPU of this host can keep its guarantee");
        });
    }

    private static List<JournalRecord> recorded(Path journal) {
        List<JournalRecord> entries = new ArrayList<>();
        JournalReader.read(journal, Instant.EPOCH, entries::add);
        return entries;
    }

    private static void skip(ChildJvm child) throws IOException, InterruptedException {
        String said = child.err();
        assertThat(child.exitCode()).as(said).isEqualTo(3);
        Requirement.of(false, "needs a partition of CPU 1: " + said);
    }

    /** The names of partitions carry the pid of their process. */
    private static List<String> partitionsOf(ChildJvm child) throws Exception {
        // Below the group that the child was started in, as this process is; in version 1 that is the root.
        Path group = CpusetHierarchy.detect()
                .groupOf((int) ProcessHandle.current().pid())
                .orElseThrow();
        try (Stream<Path> folders = Files.list(group)) {
            return folders.map(path -> String.valueOf(path.getFileName()))
                    .filter(name -> name.startsWith("ringfence." + child.pid() + "."))
                    .toList();
        }
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
