package io.ringfence.dataplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.journal.Journal;
import io.ringfence.dataplane.journal.JournalRecord;
import io.ringfence.dataplane.journal.JournalRecord.Interval;
import io.ringfence.dataplane.journal.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class HistoryCommandTest {
    private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");
    private static final long SECOND = 1_000_000_000;

    @TempDir
    private Path folder;

    private static Interval interval(int second, String vm, Verdict verdict, long frames) {
        String why = verdict == Verdict.KEPT ? null : "a frame took 812 us";
        return new Interval(
                START.plusSeconds(second),
                vm,
                SECOND,
                verdict,
                why,
                300_000,
                500_000,
                frames,
                frames,
                0,
                Map.of(),
                SECOND / 4,
                SECOND / 8,
                0,
                40_000 + second * 1_000L,
                0,
                0,
                0,
                Map.of("66us", 1L),
                70_000);
    }

    @BeforeEach
    void keep() {
        try (Journal journal = Journal.open(folder, 16 << 20, warning -> {
            throw new AssertionError(warning);
        })) {
            journal.append(new JournalRecord.Started(START, 4711, List.of(1), 2));
            journal.append(
                    new JournalRecord.Admission(START, "alice", true, 1, 100_000, 400_000, 300_000, 64, 500_000, null));
            for (int second = 1; second <= 10; second++) {
                journal.append(interval(second, "alice", Verdict.KEPT, 200_000));
                journal.append(interval(second, "bob", Verdict.KEPT, 0));
            }
            journal.append(new JournalRecord.Session(START.plusSeconds(11), "bob", "detached", "closed\nby peer"));
            for (int second = 11; second <= 13; second++) {
                journal.append(interval(second, "alice", Verdict.HOST_FAILED, 200_000));
            }
            journal.append(new JournalRecord.Stopped(START.plusSeconds(20), 4711));
        }
    }

    private CommandLineRun history(String... more) {
        String[] arguments = new String[more.length + 3];
        arguments[0] = "history";
        arguments[1] = "--journal";
        arguments[2] = folder.toString();
        System.arraycopy(more, 0, arguments, 3, more.length);
        return CommandLineRun.of(arguments);
    }

    @Test
    void shouldShowARowForSecondsAlikeAndOneForEachEvent() {
        CommandLineRun run = history();

        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        List<String> lines = run.out().lines().toList();
        assertThat(lines).hasSize(8);
        assertThat(lines.getFirst()).startsWith("TIME");
        assertThat(run.out())
                .containsPattern("10:00:00Z +- +started +process 4711, 2 VMs on CPUs \\[1\\]")
                .containsPattern("alice +admitted +100us every 400us on CPU 1; guaranteed 300.0k/s in bursts of 64"
                        + " within 500us")
                .containsPattern("10:00:00Z +10s +alice +kept +300.0k +200.0k +200.0k +0 +50% +50us +10 +0")
                .containsPattern("10:00:00Z +10s +bob +idle")
                .containsPattern("10:00:10Z +3s +alice +HOST FAILED .* for example: a frame took 812 us")
                .containsPattern("10:00:11Z +bob +detached +closed by peer")
                .containsPattern("10:00:20Z +- +stopped +process 4711");
    }

    @Test
    void shouldPrintOneObjectALineWhenJsonIsWanted() {
        CommandLineRun run = history("--json", "--vm", "alice");

        List<JsonNode> objects = run.out()
                .lines()
                .map(line -> JsonMapper.shared().readTree(line))
                .toList();
        assertThat(objects).hasSize(16);
        assertThat(objects.getFirst().get("type").asString()).isEqualTo("started");
        JsonNode last = objects.get(14);
        assertThat(last.get("type").asString()).isEqualTo("interval");
        assertThat(last.get("at").asString()).isEqualTo("2026-11-22T10:00:13Z");
        assertThat(last.get("verdict").asString()).isEqualTo("host-failed");
        assertThat(last.get("offeredFrames").asLong()).isEqualTo(200_000);
        assertThat(last.get("throttles").asLong()).as("also what is 0").isZero();
        assertThat(last.get("stalls").get("66us").asLong()).isEqualTo(1);
    }

    @Test
    void shouldShowOneVmAndWhatConcernsAll() {
        assertThat(history("--vm", "bob").out())
                .contains("started", "stopped", "bob")
                .doesNotContain("alice");
    }

    @Test
    void shouldShowOnlyWhatHappenedSince() {
        assertThat(history("--since", "2026-11-22T10:00:12Z", "--json").out().lines())
                .hasSize(3);
        assertThat(history("--since", "1s").out()).startsWith("nothing is recorded since ");
    }

    @Test
    void shouldRefuseADirectoryThatHoldsNoJournal(@TempDir Path mistyped) {
        CommandLineRun run = CommandLineRun.of("history", "--journal", mistyped.toString(), "--json");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains(mistyped + " holds no journal");
    }

    @Test
    void shouldSayThatNothingIsRecordedWhenThereIsNothing(@TempDir Path empty) throws IOException {
        Files.createFile(empty.resolve("lock")); // a journal that was begun
        CommandLineRun run = CommandLineRun.of("history", "--journal", empty.toString(), "--vm", "alice");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).isEqualTo("nothing is recorded of alice\n");
    }

    @Test
    void shouldFindTheJournalThatTheConfigurationNames(@TempDir Path elsewhere) throws IOException {
        String with = CommandLineRun.file(
                elsewhere,
                "host: { cpus: [1] }",
                "networks: [{ name: blue }]",
                "vms: []",
                "journal: { directory: " + folder + ", retain: 16MiB }");
        assertThat(CommandLineRun.of("history", "--config", with).out())
                .isEqualTo(history().out());
    }

    @Test
    void shouldExitWithTwoWhenTheConfigurationHasNoJournal(@TempDir Path elsewhere) throws IOException {
        String without = CommandLineRun.file(elsewhere, "host: { cpus: [1] }", "networks: [{ name: blue }]", "vms: []");
        CommandLineRun run = CommandLineRun.of("history", "--config", without);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("no `journal:` section");
    }

    @Test
    void shouldExitWithThreeWhenThereIsNoJournal() {
        CommandLineRun run = CommandLineRun.of(
                "history", "--journal", folder.resolve("absent").toString());
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains("there is no journal directory");
    }

    @Test
    void shouldExitWithTwoWhenNothingNamesAJournal() {
        assertThat(CommandLineRun.of("history").exitCode()).isEqualTo(2);
    }
}
