package io.ringfence.dataplane.journal;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Records for tests, and what a journal holds. */
final class Entries {
    static final Instant START = Instant.parse("2026-11-22T10:00:00Z");

    private Entries() {}

    /** An entry that says its number. */
    static JournalRecord numbered(long number) {
        return new JournalRecord.Event(START.plusMillis(number), "alice", "number " + number, false);
    }

    static long numberOf(JournalRecord entry) {
        String text = ((JournalRecord.Event) entry).text();
        return text.startsWith("number ") ? Long.parseLong(text.substring(7)) : -1;
    }

    static List<JournalRecord> in(Path directory) {
        return since(directory, Instant.EPOCH);
    }

    static List<JournalRecord> since(Path directory, Instant since) {
        List<JournalRecord> entries = new ArrayList<>();
        JournalReader.read(directory, since, entries::add);
        return entries;
    }

    /** The numbers of the numbered entries. */
    static List<Long> numbersIn(Path directory) {
        return in(directory).stream()
                .map(Entries::numberOf)
                .filter(number -> number >= 0)
                .toList();
    }
}
