package io.ringfence.bench.traffic;

import java.util.List;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.jspecify.annotations.Nullable;

/**
 * What one station sends to another: counted at both ends by the thread that drives both; others may read the counts.
 */
final class Flow {
    static final long MAX_LATENCY_NANOS = 100_000_000_000L;

    /** Of twice as many, four times and so on, every second or fourth: recording takes the driving thread's time, too. */
    private static final int MEASURED_PER_SECOND = 500_000;

    private final int number;
    private final String sender;
    private final @Nullable Station receiver;
    private final TurnWatch watch;
    private final Period period;
    private final long sampleMask;
    private final SequenceCheck arrivals = new SequenceCheck();
    private final Count sent = new Count();
    private final Count unsent = new Count();
    private final Count late = new Count();
    private final Count inTime = new Count();
    private final Count corrupt = new Count();
    private final Count discarded = new Count();
    private final @Nullable SingleWriterRecorder recorder;
    private final @Nullable Timeline timeline;
    private final Histogram latencies = new Histogram(3);
    private FlowCounts reported = FlowCounts.NONE;

    /** The run without its warm-up and without the drain after it. */
    record Period(long startNanos, long endNanos) {}

    /**
     * Creates the flow of a station.
     *
     * @param number how its frames name it
     * @param sender the name of that station
     * @param receiver null if none of the stations of this process has the address
     * @param period departures are counted from its start, arrivals in time until its end
     * @param perSecond how many frames are offered, 0 if that is not known
     * @param timeline for latencies over time; null if latencies are not to be recorded
     */
    Flow(
            int number,
            String sender,
            @Nullable Station receiver,
            TurnWatch watch,
            Period period,
            int perSecond,
            @Nullable Timeline timeline) {
        this.number = number;
        this.sender = sender;
        this.receiver = receiver;
        this.watch = watch;
        this.period = period;
        this.timeline = timeline;
        sampleMask = Long.highestOneBit(Math.max(1, perSecond / MEASURED_PER_SECOND)) - 1;
        recorder = timeline == null ? null : new SingleWriterRecorder(MAX_LATENCY_NANOS, 3);
    }

    int number() {
        return number;
    }

    /** Counts anew, frames from 0. */
    void begin() {
        arrivals.reset();
        sent.reset();
        unsent.reset();
        late.reset();
        inTime.reset();
        corrupt.reset();
        discarded.reset();
        if (recorder != null) {
            recorder.reset();
        }
    }

    boolean leadsTo(Station station) {
        return receiver == station;
    }

    /** Sequence number of the next frame. */
    long nextSequence() {
        return sent.read();
    }

    /** A frame was put into the transmit queue. */
    void departed() {
        sent.add(1);
    }

    /** A frame was put there late for want of a turn. */
    void departedLate() {
        late.add(1);
    }

    /** Frames were due that will not leave any more. */
    void leftOut(long frames) {
        unsent.add(frames);
    }

    /** A frame arrived intact. */
    void arrived(long sequence, long intendedNanos, long nowNanos) {
        if (!arrivals.arrived(sequence)) {
            return; // its latency was that of its first arrival
        }
        if (nowNanos - period.endNanos < 0) {
            inTime.add(1);
        }
        SingleWriterRecorder open = recorder;
        Timeline slices = timeline;
        if (open == null || slices == null) {
            return;
        }
        slices.arrived(intendedNanos - period.startNanos);
        if ((sequence & sampleMask) != 0) {
            return;
        }
        watch.looked(nowNanos); // the gap may be in this very turn: what was on its way then is found in the rest of it
        if (watch.overlaps(intendedNanos)) {
            discarded.add(1);
            return;
        }
        long latencyNanos = Math.clamp(nowNanos - intendedNanos, 0, MAX_LATENCY_NANOS);
        open.recordValue(latencyNanos);
        slices.record(intendedNanos - period.startNanos, latencyNanos);
    }

    void arrivedCorrupt() {
        corrupt.add(1);
    }

    private FlowCounts counts() {
        return new FlowCounts(
                sent.read(),
                unsent.read(),
                late.read(),
                arrivals.received.read(),
                inTime.read(),
                corrupt.read(),
                arrivals.missing.read(),
                arrivals.duplicates.read(),
                arrivals.reordered.read(),
                discarded.read());
    }

    /** What came since the last such report; by one thread, not necessarily the driving one. */
    Report.Flow interval() {
        FlowCounts now = counts();
        FlowCounts recent = now.since(reported);
        reported = now;
        return report(recent, Latencies.of(takeLatencies()), new Histogram(3), List.of());
    }

    /** All of it, after the run. */
    Report.Flow whole() {
        takeLatencies();
        return report(counts(), Latencies.of(latencies), latencies, timeline == null ? List.of() : timeline.slices());
    }

    private Report.Flow report(FlowCounts counts, Latencies summary, Histogram histogram, List<Report.Slice> slices) {
        return new Report.Flow(sender, receiver == null ? "" : receiver.name(), counts, summary, histogram, slices);
    }

    private Histogram takeLatencies() {
        if (recorder == null) {
            return new Histogram(3);
        }
        Histogram recent = recorder.getIntervalHistogram();
        latencies.add(recent);
        return recent;
    }
}
