package io.ringfence.bench.isolation;

import io.ringfence.bench.report.Numbers;
import io.ringfence.bench.traffic.Report;
import io.ringfence.bench.traffic.Report.Slice;
import io.ringfence.bench.traffic.RunPlan;
import java.util.List;
import java.util.OptionalDouble;

/**
 * A run in whose course an aggressor starts.
 *
 * @param startSeconds when it does, counted from the beginning of the run
 * @param slices the victim's latencies in windows, by intended departure
 * @param disturbances what speaks against the run
 */
record Onset(Aggressor aggressor, double startSeconds, List<Slice> slices, List<String> disturbances) {
    /** Of each window; they come out longer in a run of more than ten seconds. */
    static final double WINDOW_SECONDS = 0.01;

    /** How far latency may be above what it was before, and count as that again. */
    static final double TOLERANCE = 1.25;

    /** So many windows in a row decide, all of them but one, for one may be slow by chance. */
    static final int WINDOWS = 10;

    Onset {
        slices = List.copyOf(slices);
        disturbances = List.copyOf(disturbances);
    }

    static Onset of(Aggressor aggressor, double startSeconds, Report report) {
        return new Onset(aggressor, startSeconds, report.from(Company.VICTIM).timeline(), report.disturbances());
    }

    /** How long windows are where an aggressor starts after this time, in the middle of the run. */
    static double windowSeconds(double startSeconds) {
        return RunPlan.sliceSeconds(2 * startSeconds, WINDOW_SECONDS);
    }

    /** The same in words. */
    static String window(double startSeconds) {
        double millis = Math.round(1e6 * windowSeconds(startSeconds)) / 1e3;
        return (millis == Math.rint(millis) ? Numbers.plain(millis, 0) : Numbers.short3(millis)) + " ms";
    }

    /**
     * The p99 that all windows before the start but one in {@value #WINDOWS} kept; infinite if they did not, since so many frames
     * did not arrive; empty if none was measured.
     */
    OptionalDouble beforeNanos() {
        double[] before = slices.stream()
                .filter(slice -> slice.fromSeconds() + windowSeconds(startSeconds) <= startSeconds)
                .mapToDouble(Slice::p99Nanos)
                .sorted()
                .toArray();
        return before.length == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(before[(before.length - 1) * (WINDOWS - 1) / WINDOWS]);
    }

    /**
     * The seconds from the start to the first {@value #WINDOWS} windows in a row of which all but one have a p99 within
     * {@value #TOLERANCE} of before: 0 if the first ones have; empty if that did not come, too little was measured, or before
     * as many frames were lost.
     */
    OptionalDouble recoverySeconds() {
        OptionalDouble before = beforeNanos();
        List<Slice> after = after();
        if (before.isEmpty() || Double.isInfinite(before.getAsDouble())) {
            return OptionalDouble.empty();
        }
        double limitNanos = TOLERANCE * before.getAsDouble();
        for (int i = 0; i + WINDOWS <= after.size(); i++) {
            long kept = after.subList(i, i + WINDOWS).stream()
                    .filter(slice -> slice.p99Nanos() <= limitNanos)
                    .count();
            // The first one too, unless nothing has happened at all.
            if (kept >= WINDOWS - 1 && (i == 0 || after.get(i).p99Nanos() <= limitNanos)) {
                return OptionalDouble.of(i == 0 ? 0 : after.get(i).fromSeconds() - startSeconds);
            }
        }
        return OptionalDouble.empty();
    }

    /** The highest p99 of a window since the start; empty if none was measured. */
    OptionalDouble worstNanos() {
        return after().stream().mapToDouble(Slice::p99Nanos).max();
    }

    /** How long it took, in words; marked if the run was disturbed. */
    String recovered() {
        double seconds = longest();
        String text = seconds < 0
                ? IsolationReport.UNMEASURED
                : Double.isInfinite(seconds) ? "not" : Numbers.plain(1e3 * seconds, 0) + " ms";
        return disturbances.isEmpty() ? text : text + " *";
    }

    /** The seconds until it had recovered, to compare rounds by: infinite if it had not, below 0 if that cannot be told. */
    double longest() {
        OptionalDouble before = beforeNanos();
        boolean known = before.isPresent() && Double.isFinite(before.getAsDouble()) && after().size() >= WINDOWS;
        return recoverySeconds().orElse(known ? Double.POSITIVE_INFINITY : -1);
    }

    private List<Slice> after() {
        return slices.stream()
                .filter(slice -> slice.fromSeconds() + windowSeconds(startSeconds) > startSeconds)
                .toList();
    }
}
