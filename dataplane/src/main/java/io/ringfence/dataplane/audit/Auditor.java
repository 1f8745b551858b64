package io.ringfence.dataplane.audit;

import io.ringfence.dataplane.journal.JournalRecord;
import io.ringfence.dataplane.telemetry.IntervalCounter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * Reads what the workers count and what the kernel says about them, once an interval, and shows what came of it.
 *
 * <p>A thread of its own, which runs where its creator may: on a housekeeping CPU. No worker notices it.
 */
public final class Auditor implements AutoCloseable {
    /** How long an interval is. */
    public static final Duration INTERVAL = Duration.ofSeconds(1);

    private static final class Watched {
        private final AuditedVm vm;
        private Reading last;
        private boolean exceeded;

        private Watched(AuditedVm vm) {
            this.vm = vm;
            last = Reading.of(vm);
        }
    }

    private final long intervalNanos;
    private final Consumer<JournalRecord.Interval> sink;
    /** Guarded by itself: nobody is audited any more once {@link #ignore} has returned. */
    private final List<Watched> watched = new ArrayList<>();

    private final Thread thread =
            Thread.ofPlatform().name("ringfence-audit").daemon().unstarted(this::run);
    private volatile boolean closed;

    /**
     * Creates an auditor that watches nobody yet.
     *
     * @param sink gets what came of each VM and interval
     */
    public Auditor(Consumer<JournalRecord.Interval> sink) {
        this(INTERVAL, sink);
    }

    Auditor(Duration interval, Consumer<JournalRecord.Interval> sink) {
        this.intervalNanos = interval.toNanos();
        this.sink = sink;
    }

    /** Starts the thread. */
    public void start() {
        thread.start();
    }

    /** Watches a VM from now on; its first interval is from a quarter of the usual length to five quarters. */
    public void watch(AuditedVm vm) {
        synchronized (watched) {
            watched.add(new Watched(vm));
        }
    }

    /** Watches a VM no longer; the interval that has begun is not judged. */
    public void ignore(AuditedVm vm) {
        synchronized (watched) {
            watched.removeIf(watching -> watching.vm.equals(vm));
        }
    }

    private void run() {
        long next = System.nanoTime() + intervalNanos;
        while (!closed) {
            long left = next - System.nanoTime();
            if (left > 0) {
                LockSupport.parkNanos(left);
                continue;
            }
            Instant now = Instant.now();
            synchronized (watched) {
                watched.forEach(vm -> audit(vm, now));
            }
            // Late intervals are long ones; none is made up for.
            next = Math.max(next + intervalNanos, System.nanoTime() + intervalNanos / 2);
        }
    }

    private void audit(Watched watching, Instant now) {
        try {
            if (System.nanoTime() - watching.last.atNanos() < intervalNanos / 4) {
                return;
            }
            Reading reading = Reading.of(watching.vm);
            Audit audit = new Audit(watching.vm, watching.last, reading);
            Judgement judgement = Judgement.of(audit, watching.exceeded);
            watching.exceeded = Judgement.exceeded(audit);
            watching.last = reading;
            JournalRecord.Interval entry = audit.record(now, judgement);
            show(entry, watching.vm.intervals());
            sink.accept(entry);
        } catch (RuntimeException | Error e) {
            // One VM's trouble must not end the audit of all.
            System.getLogger("ringfence")
                    .log(System.Logger.Level.ERROR, "the audit of " + watching.vm.name() + " failed", e);
        }
    }

    private static void show(JournalRecord.Interval entry, List<AtomicCounter> counters) {
        for (IntervalCounter counter : IntervalCounter.values()) {
            AtomicCounter shown = counters.get(counter.index());
            switch (counter) {
                case GUARANTEED_RATE -> shown.setOpaque(entry.guaranteedFramesPerSecond());
                case OFFERED -> shown.setOpaque(entry.offeredFrames());
                case CARRIED -> shown.setOpaque(entry.carriedFrames());
                case DROPPED ->
                    shown.setOpaque(entry.droppedFrames().values().stream()
                            .mapToLong(Long::longValue)
                            .sum());
                case RESERVED_NANOS -> shown.setOpaque(entry.reservedNanos());
                case USED_NANOS -> shown.setOpaque(entry.usedNanos());
                case WAITED_NANOS -> shown.setOpaque(entry.waitedNanos());
                case WORST_LATENCY_NANOS -> shown.setOpaque(entry.worstLatencyNanos());
                case WORST_HELD_UP_LATENCY_NANOS -> shown.setOpaque(entry.worstHeldUpLatencyNanos());
                case KEPT, GUEST_EXCEEDED, RECEIVER_HELD_UP, HOST_FAILED ->
                    // Named as the verdicts.
                    shown.setOpaque(
                            shown.get() + (counter.name().equals(entry.verdict().name()) ? 1 : 0));
            }
        }
    }

    /** Ends the thread; the interval that has begun is not judged. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        try {
            thread.join(1_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
