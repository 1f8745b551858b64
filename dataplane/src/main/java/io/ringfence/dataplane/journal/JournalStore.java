package io.ringfence.dataplane.journal;

import java.io.IOException;
import java.util.function.LongSupplier;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;

/**
 * The files of a journal as its one writer sees them. Used by one thread.
 *
 * <p>The files are mapped. A page that finds no room on the disk when it is first written to would be a SIGBUS, which the JVM does
 * not survive everywhere; so nothing is written while there is less room than {@link #MIN_USABLE_BYTES}.
 */
final class JournalStore implements AutoCloseable {
    /** More than anything else can fill between the look and the write. */
    static final long MIN_USABLE_BYTES = 64L << 20;

    /** Five minutes a file, so that deleting whole files keeps the journal close to its limit. */
    static final RollCycles CYCLE = RollCycles.FIVE_MINUTELY;

    /** By how much a file grows: small, so that the lengths of the files say how much they hold. */
    private static final int BLOCK_BYTES = 256 << 10;

    private final JournalDirectory directory;
    private final long retainBytes;
    private final LongSupplier clock;
    private final ChronicleQueue queue;
    private final ExcerptAppender appender;
    private int seenCycle = -1;
    private int unseenBytes;
    private long keptBytes;

    /**
     * Opens or creates the files; takes a second or so for the first time in a JVM.
     *
     * @param clock ms since 1970, by which the files are named
     * @throws IOException if there is no room on the disk
     */
    JournalStore(JournalDirectory directory, long retainBytes, LongSupplier clock) throws IOException {
        this.directory = directory;
        this.retainBytes = retainBytes;
        this.clock = clock;
        requireRoomOnDisk();
        keptBytes = directory.shrinkTo(retainBytes);
        queue = SingleChronicleQueueBuilder.binary(directory.path())
                .rollCycle(CYCLE)
                .blockSize(BLOCK_BYTES)
                .timeProvider(clock::getAsLong)
                .build();
        appender = queue.createAppender();
    }

    /**
     * Writes a record, as one line of text, unless there is no room for it: what is refused leaves nothing behind.
     *
     * @throws IOException if that is more than the operator lets the journal keep
     */
    void append(String text) throws IOException {
        requireRoomToRetain();
        appender.writeText(text);
        shrink(text.length());
    }

    /** @throws IOException if there is no room on the disk; to be asked now and then, for it takes some time */
    void requireRoomOnDisk() throws IOException {
        long usable = directory.usableBytes();
        if (usable < MIN_USABLE_BYTES) {
            throw new IOException("the disk has %d MiB left, the journal stops below %d MiB"
                    .formatted(usable >> 20, MIN_USABLE_BYTES >> 20));
        }
    }

    /** A new file may be begun: then all before it are deleted. */
    private void requireRoomToRetain() throws IOException {
        if (keptBytes > retainBytes && CYCLE.toCycle(queue.lastIndex()) == CYCLE.current(clock::getAsLong, 0)) {
            throw new IOException("the last five minutes alone exceed `retain`; raise it");
        }
    }

    /** Looks at the directory only when a file was begun, or has grown. */
    private void shrink(int writtenBytes) throws IOException {
        unseenBytes += writtenBytes;
        if (appender.cycle() != seenCycle || unseenBytes >= BLOCK_BYTES / 2 || keptBytes > retainBytes) {
            seenCycle = appender.cycle();
            unseenBytes = 0;
            keptBytes = directory.shrinkTo(retainBytes);
            queue.refreshDirectoryListing();
        }
    }

    @Override
    public void close() {
        appender.close();
        queue.close();
    }
}
