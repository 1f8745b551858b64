package io.ringfence.dataplane.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.function.Consumer;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;

/** Reads a journal, also while another process writes it; changes nothing. */
public final class JournalReader {
    private JournalReader() {}

    /**
     * Gives the records since a time to the sink, oldest first, up to the last one written now.
     *
     * @throws JournalException if there is no journal, or it cannot be read
     */
    public static void read(Path directory, Instant since, Consumer<JournalRecord> sink) {
        if (!Files.isDirectory(directory)) {
            throw new JournalException("there is no journal directory " + directory
                    + "; is it the `journal: { directory: … }` of the configuration?");
        }
        try {
            if (JournalDirectory.files(directory).isEmpty()) {
                if (!JournalDirectory.isOne(directory)) {
                    throw new JournalException(directory + " holds no journal; is it the"
                            + " `journal: { directory: … }` of the configuration?");
                }
                return;
            }
        } catch (IOException e) {
            throw new JournalException("journal directory " + directory + " cannot be read: " + e, e);
        }
        try (ChronicleQueue queue = SingleChronicleQueueBuilder.binary(directory)
                        .rollCycle(JournalStore.CYCLE)
                        .readOnly(true)
                        .build();
                ExcerptTailer tailer = queue.createTailer()) {
            if (!moveTo(queue, tailer, since)) {
                return;
            }
            String text;
            while ((text = tailer.readText()) != null) {
                JournalRecord entry = RecordText.parse(text);
                if (entry != null && !entry.at().isBefore(since)) {
                    sink.accept(entry);
                }
            }
        } catch (RuntimeException e) {
            throw new JournalException("journal directory " + directory + " cannot be read: " + e, e);
        }
    }

    /** To the first file that may hold a record of that time: records are written a little later than they happen. */
    private static boolean moveTo(ChronicleQueue queue, ExcerptTailer tailer, Instant since) {
        long firstIndex = queue.firstIndex();
        if (firstIndex == Long.MAX_VALUE) {
            return false; // no records yet
        }
        int first = queue.rollCycle().toCycle(firstIndex);
        int last = queue.rollCycle().toCycle(queue.lastIndex());
        long sinceMillis = Math.max(0, since.toEpochMilli());
        int wanted = queue.rollCycle().current(() -> sinceMillis, 0);
        for (int cycle = Math.max(first, wanted); cycle <= last; cycle++) {
            if (tailer.moveToCycle(cycle)) {
                return true;
            }
        }
        return false;
    }
}
