package io.ringfence.dataplane.cli.report;

import io.ringfence.dataplane.journal.JournalRecord.Interval;
import io.ringfence.dataplane.journal.Verdict;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Intervals of one VM that follow each other and have the same verdict. */
final class IntervalRun {
    /** More between two intervals, and Ringfence was stopped meanwhile. */
    private static final Duration LONGEST_GAP = Duration.ofMillis(1_500);

    private final Instant from;
    private final Verdict verdict;
    private final long guaranteedRate;
    private Instant until;
    private long intervals;
    private long lengthNanos;
    private long offered;
    private long carried;
    private long received;
    private long dropped;
    private long usedNanos;
    private long reservedNanos;
    private long worstLatencyNanos;
    private long stalls;
    private long throttles;
    private @Nullable String why;

    IntervalRun(Interval first) {
        from = first.at().minusNanos(first.lengthNanos());
        until = from;
        verdict = first.verdict();
        guaranteedRate = first.guaranteedFramesPerSecond();
        add(first);
    }

    boolean continuesWith(Interval next) {
        return next.verdict() == verdict
                && next.guaranteedFramesPerSecond() == guaranteedRate
                && Duration.between(until, next.at().minusNanos(next.lengthNanos()))
                                .compareTo(LONGEST_GAP)
                        < 0;
    }

    void add(Interval interval) {
        until = interval.at();
        intervals++;
        lengthNanos += interval.lengthNanos();
        offered += interval.offeredFrames();
        carried += interval.carriedFrames();
        received += interval.receivedFrames();
        dropped += sum(interval.droppedFrames().values());
        usedNanos += interval.usedNanos();
        reservedNanos += interval.reservedNanos();
        stalls += sum(interval.stalls().values());
        throttles += interval.throttles();
        if (why == null || interval.worstLatencyNanos() > worstLatencyNanos) {
            why = interval.why();
        }
        worstLatencyNanos =
                Math.max(worstLatencyNanos, Math.max(interval.worstLatencyNanos(), interval.worstHeldUpLatencyNanos()));
    }

    private static long sum(Iterable<Long> counts) {
        long sum = 0;
        for (long count : counts) {
            sum += count;
        }
        return sum;
    }

    Instant from() {
        return from;
    }

    Duration length() {
        return Duration.between(from, until);
    }

    Verdict verdict() {
        return verdict;
    }

    boolean isIdle() {
        return offered == 0 && received == 0 && dropped == 0;
    }

    long guaranteedRate() {
        return guaranteedRate;
    }

    long offeredRate() {
        return perSecond(offered);
    }

    long carriedRate() {
        return perSecond(carried);
    }

    private long perSecond(long frames) {
        return lengthNanos == 0 ? 0 : Math.round(frames * 1e9 / lengthNanos);
    }

    long dropped() {
        return dropped;
    }

    long usedNanos() {
        return usedNanos;
    }

    long reservedNanos() {
        return reservedNanos;
    }

    long worstLatencyNanos() {
        return worstLatencyNanos;
    }

    long stalls() {
        return stalls;
    }

    long throttles() {
        return throttles;
    }

    /** Why the guarantee was not kept, in one of the intervals. */
    String note() {
        String reason = why;
        if (reason == null) {
            return "";
        }
        return intervals > 1 ? "for example: " + reason : reason;
    }
}
