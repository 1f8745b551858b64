package io.ringfence.dataplane.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringfence.dataplane.cli.ChildJvm;
import io.ringfence.testing.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a journal keeps, for how long, and through what. */
@ExtendWith(ChildJvm.LeftBehind.class)
@Timeout(120)
class JournalTest {
    private static final long MEGABYTE = 1 << 20;
    private static final long FIVE_MINUTES = 300_000;

    @TempDir
    private Path folder;

    private final List<String> warnings = new CopyOnWriteArrayList<>();

    private Path directory() {
        return folder.resolve("journal");
    }

    private Journal start(long retainBytes) {
        Journal journal = Journal.open(directory(), retainBytes, warnings::add);
        journal.start();
        return journal;
    }

    private static void awaitWritten(Journal journal, long records) {
        Await.until(records + " records are written", () -> journal.written() + journal.lost() >= records);
    }

    @Test
    void shouldGiveBackEveryKindOfRecordAsItWas() {
        Instant at = Entries.START;
        List<JournalRecord> records = List.of(
                new JournalRecord.Started(at, 4711, List.of(1, 3), 2),
                new JournalRecord.Rung(at, "deadline", "other"),
                new JournalRecord.Admission(at, "alice", true, 1, 100_000, 500_000, 300_000, 64, 500_000, null),
                new JournalRecord.Admission(at, "bob", false, 1, 900_000, 1_000_000, 0, 0, 0, "too much"),
                new JournalRecord.Session(at, "alice", "attached", null),
                new JournalRecord.Session(at, "alice", "detached", "the front-end closed the \"connection\"\n"),
                new JournalRecord.Event(at, null, "scheduling rung refused", true),
                new JournalRecord.Interval(
                        at,
                        "alice",
                        1_000_000_000,
                        Verdict.HOST_FAILED,
                        "late",
                        300_000,
                        500_000,
                        299_000,
                        298_000,
                        5,
                        Map.of("congested", 1_000L),
                        200_000_000,
                        150_000_000,
                        3_000,
                        812_000,
                        7,
                        1,
                        900,
                        Map.of("66us", 2L),
                        150_000),
                new JournalRecord.Interval(
                        at,
                        "bob",
                        1,
                        Verdict.NO_GUARANTEE,
                        null,
                        0,
                        0,
                        0,
                        0,
                        0,
                        Map.of(),
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        Map.of(),
                        0),
                new JournalRecord.Stopped(at, 4711));
        try (Journal journal = start(MEGABYTE)) {
            records.forEach(journal::append);
        }
        assertThat(Entries.in(directory())).isEqualTo(records);
        assertThat(warnings).isEmpty();
    }

    @Test
    void shouldBeReadWhileItIsWritten() {
        try (Journal journal = start(MEGABYTE)) {
            for (int round = 1; round <= 5; round++) {
                journal.append(Entries.numbered(round));
                awaitWritten(journal, round);
                assertThat(Entries.numbersIn(directory())).hasSize(round);
            }
        }
    }

    @Test
    void shouldGiveOnlyRecordsSinceTheTimeAskedFor() {
        AtomicLong clock = new AtomicLong(Entries.START.toEpochMilli());
        try (Journal journal = Journal.open(directory(), 10 * MEGABYTE, clock::get, warnings::add)) {
            journal.start();
            for (int number = 0; number < 20; number++) {
                journal.append(Entries.numbered(number * FIVE_MINUTES / 2));
                awaitWritten(journal, number + 1);
                clock.addAndGet(FIVE_MINUTES / 2);
            }
        }
        Instant since = Entries.START.plusMillis(7 * FIVE_MINUTES / 2);
        List<JournalRecord> found = Entries.since(directory(), since);
        assertThat(found).hasSize(13);
        assertThat(found.getFirst().at()).isEqualTo(since);
    }

    @Test
    void shouldLoseNothingWrittenAndGoOnWhenItsProcessWasKilled() throws Exception {
        long next = 1;
        for (int kill = 0; kill < 3; kill++) {
            long acknowledged = 0;
            try (ChildJvm child =
                    ChildJvm.start(NumbersProgram.class, directory().toString(), Long.toString(next))) {
                for (int line = 0; line < 10 + 7 * kill; line++) {
                    acknowledged = Long.parseLong(child.nextLine());
                }
                child.signal("KILL");
                assertThat(child.exitCode()).isEqualTo(128 + 9);
            }
            List<Long> found = Entries.numbersIn(directory());
            assertThat(found).as("all that was written, in order").startsWith(upTo(acknowledged));
            next = found.getLast() + 1;
            assertThat(found).isEqualTo(List.of(upTo(next - 1)));
        }
        try (Journal journal = start(64 * MEGABYTE)) {
            journal.append(Entries.numbered(next));
            awaitWritten(journal, 1);
        }
        assertThat(Entries.numbersIn(directory())).endsWith(next);
        assertThat(warnings).isEmpty();
    }

    private static Long[] upTo(long last) {
        return LongStream.rangeClosed(1, last).boxed().toArray(Long[]::new);
    }

    @Test
    void shouldDeleteTheOldestWhenMoreThanItMayRetain() throws Exception {
        AtomicLong clock = new AtomicLong(Entries.START.toEpochMilli());
        long longest = 0;
        try (Journal journal = Journal.open(directory(), 3 * MEGABYTE, clock::get, warnings::add)) {
            journal.start();
            for (int number = 0; number < 40; number++) {
                journal.append(Entries.numbered(number));
                awaitWritten(journal, number + 1);
                longest = Math.max(longest, bytes());
                clock.addAndGet(FIVE_MINUTES);
            }
        }
        assertThat(longest).isBetween(2 * MEGABYTE, 3 * MEGABYTE);
        List<Long> left = Entries.numbersIn(directory());
        assertThat(left).endsWith(38L, 39L).hasSizeBetween(4, 20);
        assertThat(left.getLast() - left.getFirst()).as("without a gap").isEqualTo(left.size() - 1);
        try (Journal journal = Journal.open(directory(), MEGABYTE, clock::get, warnings::add)) {
            journal.start();
            journal.append(Entries.numbered(40));
        }
        assertThat(bytes()).as("the operator retains less now").isLessThanOrEqualTo(MEGABYTE + (1 << 19));
        assertThat(Entries.numbersIn(directory())).endsWith(40L);
        assertThat(warnings).isEmpty();
    }

    private long bytes() throws IOException {
        long bytes = 0;
        for (Path file : JournalDirectory.files(directory())) {
            bytes += Files.size(file);
        }
        return bytes;
    }

    @Test
    void shouldStopUntilTheNextFileWhenOneFileAloneIsMoreThanItMayRetain() throws Exception {
        AtomicLong clock = new AtomicLong(Entries.START.toEpochMilli());
        try (Journal journal = Journal.open(directory(), MEGABYTE, clock::get, warnings::add)) {
            journal.start();
            long number = 0;
            while (journal.lost() == 0) {
                for (int i = 0; i < 200; i++) {
                    journal.append(Entries.numbered(number++));
                }
                awaitWritten(journal, number);
                assertThat(number).as("records in a megabyte").isLessThan(50_000);
            }
            assertThat(bytes()).isLessThan(MEGABYTE + (1 << 19));
            Await.until("it is said", () -> !warnings.isEmpty());
            assertThat(warnings).singleElement().asString().contains("retain");
            clock.addAndGet(FIVE_MINUTES);
            writeUntilAccepted(journal);
        }
        assertThat(bytes()).isLessThan(MEGABYTE);
    }

    @Test
    void shouldSayInOneRecordHowManyAreMissingHoweverOftenItTriedWhileItWasFull() throws Exception {
        AtomicLong clock = new AtomicLong(Entries.START.toEpochMilli());
        long last = 100_000;
        long lost;
        try (Journal journal = Journal.open(directory(), MEGABYTE, clock::get, 0, warnings::add)) {
            journal.start();
            long number = 0;
            while (journal.lost() == 0) {
                for (int i = 0; i < 200; i++) {
                    journal.append(Entries.numbered(number++));
                }
                awaitWritten(journal, number);
                assertThat(number).as("records in a megabyte").isLessThan(last);
            }
            long written = journal.written();
            long full = bytes();
            for (int attempt = 0; attempt < 10; attempt++) {
                journal.append(Entries.numbered(number++));
                awaitWritten(journal, number);
            }
            assertThat(journal.written()).isEqualTo(written);
            assertThat(bytes()).isEqualTo(full);
            clock.addAndGet(FIVE_MINUTES);
            journal.append(Entries.numbered(last));
            awaitWritten(journal, number + 1);
            lost = journal.lost();
            assertThat(lost).isEqualTo(number - written);
        }
        assertThat(Entries.in(directory()))
                .extracting(entry -> ((JournalRecord.Event) entry).text())
                .containsExactly(lost + " records were lost before this one", "number " + last);
        assertThat(warnings).hasSize(2).last().asString().contains("writing again; " + lost + " records were lost");
    }

    private static void writeUntilAccepted(Journal journal) {
        long written = journal.written();
        Await.until("it writes again", () -> {
            journal.append(Entries.numbered(1_000_000));
            return journal.written() > written;
        });
    }

    @Test
    void shouldSayOnceThatRecordsAreLostAndGoOnWhenItsDirectoryVanishes() throws Exception {
        try (Journal journal = start(MEGABYTE)) {
            journal.append(Entries.numbered(1));
            awaitWritten(journal, 1);
            remove();
            for (int number = 2; number <= 4; number++) {
                journal.append(Entries.numbered(number));
                awaitWritten(journal, number);
            }
            assertThat(journal.lost()).isEqualTo(3);
            assertThat(warnings)
                    .singleElement()
                    .asString()
                    .contains("records are lost", directory().toString());
            Files.createDirectory(directory());
            writeUntilAccepted(journal);
            Await.until("it is said", () -> warnings.size() == 2);
            assertThat(warnings.getLast()).contains("writing again", Long.toString(journal.lost()));
        }
        assertThat(Entries.in(directory()).getFirst())
                .as("a reader sees that something is missing")
                .isInstanceOfSatisfying(
                        JournalRecord.Event.class, gap -> assertThat(gap.text()).contains("records were lost"));
    }

    private void remove() throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(directory())) {
            files = found.toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
        Files.delete(directory());
    }

    @Test
    void shouldRefuseADirectoryThatCannotBeUsed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> Journal.open(file, MEGABYTE, warnings::add))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("not a directory");
        assertThatThrownBy(() -> Journal.open(Path.of("/proc/journal"), MEGABYTE, warnings::add))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("/proc/journal");
    }

    @Test
    void shouldRefuseADirectoryThatIsInUse() {
        try (Journal journal = start(MEGABYTE)) {
            assertThatThrownBy(() -> Journal.open(directory(), MEGABYTE, warnings::add))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("in use");
            assertThat(journal.lost()).isZero();
        }
    }

    @Test
    void shouldSayThatThereIsNoJournalWhenThereIsNone() throws IOException {
        assertThatThrownBy(() -> Entries.in(directory()))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining(directory().toString());
        Files.createDirectory(directory());
        assertThatThrownBy(() -> Entries.in(directory()))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("holds no journal");
    }

    @Test
    void shouldBeReadableByItsOwnerOnlyWhenItMakesItsDirectory() throws IOException {
        start(MEGABYTE).close();
        assertThat(Files.getPosixFilePermissions(directory())).isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void shouldLeaveOutWhatALaterVersionWrote() {
        assertThat(RecordText.parse("{\"type\":\"eclipse\",\"at\":\"2026-11-22T10:00:00Z\"}"))
                .isNull();
        assertThat(RecordText.parse("{\"type\":\"stopped\",\"at\":\"2026-11-22T10:00:00Z\",\"pid\":1,\"moon\":{}}"))
                .isEqualTo(new JournalRecord.Stopped(Entries.START, 1));
        assertThat(RecordText.parse("{\"type\":")).isNull();
    }
}
