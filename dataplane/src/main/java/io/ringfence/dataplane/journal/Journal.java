package io.ringfence.dataplane.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The journal of a running Ringfence: takes records from any control thread and writes them with a thread of its own.
 *
 * <p>Nobody ever waits for it. What it cannot write (the disk is full, the directory is gone) is counted as lost; that is
 * said once, and once more when it writes again.
 */
public final class Journal implements AutoCloseable {
    private static final int CAPACITY = 8192;
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** For what is left at an end, in ms: opening the files takes a second for the first time, and a stop has no more than two. */
    public static final long END_MILLIS = 1_500;

    private final JournalDirectory directory;
    private final long retainBytes;
    private final LongSupplier clock;
    private final long retryNanos;
    private final Consumer<String> warnings;
    private final BlockingQueue<JournalRecord> records = new ArrayBlockingQueue<>(CAPACITY);
    private final AtomicLong written = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private final Thread thread =
            Thread.ofPlatform().name("ringfence-journal").daemon().unstarted(this::run);
    private @Nullable JournalStore store;
    private long retryAtNanos = System.nanoTime();
    private long lostWhenTold;
    private long lostWhenRecorded;
    private boolean losing;
    private volatile boolean ending;

    private Journal(
            JournalDirectory directory,
            long retainBytes,
            LongSupplier clock,
            long retryNanos,
            Consumer<String> warnings) {
        this.directory = directory;
        this.retainBytes = retainBytes;
        this.clock = clock;
        this.retryNanos = retryNanos;
        this.warnings = warnings;
    }

    /**
     * Takes the directory; records are accepted from now on, and written once {@link #start} is called.
     *
     * @param retainBytes how much to keep; the oldest is deleted first
     * @param warnings told when records are lost, and when they are written again
     * @throws JournalException if the directory cannot be used
     */
    public static Journal open(Path directory, long retainBytes, Consumer<String> warnings) {
        return open(directory, retainBytes, System::currentTimeMillis, warnings);
    }

    static Journal open(Path directory, long retainBytes, LongSupplier clock, Consumer<String> warnings) {
        return open(directory, retainBytes, clock, RETRY_NANOS, warnings);
    }

    /** @param retryNanos how long to leave the files alone after a failure */
    static Journal open(
            Path directory, long retainBytes, LongSupplier clock, long retryNanos, Consumer<String> warnings) {
        return new Journal(JournalDirectory.take(directory), retainBytes, clock, retryNanos, warnings);
    }

    /** Starts the thread, which then opens the files. It runs where its caller may. */
    public void start() {
        thread.start();
    }

    /** Leaves a record to be written; never waits. Any thread but a worker. */
    public void append(JournalRecord entry) {
        if (!records.offer(entry)) {
            lost.incrementAndGet();
        }
    }

    /** Records written so far. */
    public long written() {
        return written.get();
    }

    /** Records lost so far, because they could not be written or because too many waited. */
    public long lost() {
        return lost.get();
    }

    private void run() {
        List<JournalRecord> batch = new ArrayList<>();
        while (!ending || !records.isEmpty()) {
            try {
                JournalRecord next = records.poll(200, TimeUnit.MILLISECONDS);
                if (next != null) {
                    batch.add(next);
                    records.drainTo(batch);
                    write(batch);
                }
            } catch (InterruptedException e) {
                ending = true;
            }
            batch.clear();
        }
        closeStore();
    }

    private void write(List<JournalRecord> batch) {
        long before = written.get();
        try {
            JournalStore open = store;
            if (open == null) {
                if (retryAtNanos - System.nanoTime() > 0) {
                    lost.addAndGet(batch.size());
                    return;
                }
                open = new JournalStore(directory, retainBytes, clock);
                store = open;
            }
            open.requireRoomOnDisk();
            recordGap(open);
            for (JournalRecord entry : batch) {
                open.append(RecordText.stored(entry));
                written.incrementAndGet();
            }
            toldAgain();
        } catch (IOException | RuntimeException | Error e) {
            // Also an InternalError: a mapped page that the disk had no room for. None of it may end the thread.
            lost.addAndGet(batch.size() - (written.get() - before));
            losing(e);
        }
    }

    /** Once for all that were lost since the last time, so that a reader sees that something is missing. */
    private void recordGap(JournalStore open) throws IOException {
        long all = lost.get();
        if (all > lostWhenRecorded) {
            String text = "%d records were lost before this one".formatted(all - lostWhenRecorded);
            open.append(RecordText.stored(new JournalRecord.Event(Instant.now(), null, text, true)));
            lostWhenRecorded = all;
        }
    }

    private void losing(Throwable reason) {
        closeStore();
        retryAtNanos = System.nanoTime() + retryNanos;
        if (!losing) {
            losing = true;
            warnings.accept("journal: records are lost from now on: " + words(reason));
        }
    }

    private static String words(Throwable reason) {
        if (reason instanceof IOException && reason.getMessage() != null) {
            return reason.getMessage();
        }
        // What failed in an initializer is nowhere in the message of its failure.
        Throwable root = reason;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return reason.getCause() == null ? reason.toString() : reason + ", caused by " + root;
    }

    private void toldAgain() {
        if (losing) {
            losing = false;
            warnings.accept("journal: writing again; %d records were lost".formatted(lost.get() - lostWhenTold));
            lostWhenTold = lost.get();
        }
    }

    private void closeStore() {
        JournalStore open = store;
        store = null;
        if (open != null) {
            try {
                open.close();
            } catch (RuntimeException | Error e) {
                warnings.accept("journal: its files could not be closed: " + e);
            }
        }
    }

    /** Writes what is left, for one and a half seconds at most. */
    @Override
    public void close() {
        close(END_MILLIS);
    }

    /** Writes what is left, for so many ms at most; the first second or so may go by before the files are open. */
    public void close(long millis) {
        ending = true;
        if (thread.getState() == Thread.State.NEW) {
            thread.start();
        }
        try {
            thread.join(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            warnings.accept("journal: the last records were not written: its files were not open in time");
        }
        directory.close();
    }
}
