package io.ringfence.bench.traffic;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * What a switch carried in one run, and the CPU time that it took.
 *
 * @param report of the whole run
 * @param cpuNanos of the switch, without what it uses for nothing before the first frame and after the last: whoever polls
 *     is charged for the run alone, whoever sleeps for each frame of it
 */
public record Carried(Report report, long cpuNanos) {
    /** A reading of the CPU time used so far, and when it was taken. */
    record Moment(long nanos, long cpuNanos) {
        private static Moment now(LongSupplier cpuNanos) {
            return new Moment(System.nanoTime(), cpuNanos.getAsLong());
        }
    }

    /**
     * Does a run without a warm-up of its own, whose frames would cost CPU time and not count.
     *
     * @param plan of a tenth of a second or more
     * @param cpuNanos tells the CPU time that the switch has used so far
     * @throws TrafficException if the process of the guests ends meanwhile; says why
     */
    public static Carried measure(TrafficProcess generator, RunPlan plan, LongSupplier cpuNanos) {
        if (plan.warmUpSeconds() > 0) {
            throw new IllegalArgumentException(
                    "a warm-up of %s s: expected none; do it in a run of its own".formatted(plan.warmUpSeconds()));
        }
        List<Moment> ends = new ArrayList<>();
        Moment before = Moment.now(cpuNanos);
        Report report = generator.run(plan.withIntervals(plan.seconds()), last -> ends.add(Moment.now(cpuNanos)));
        return of(report, before, ends.getLast(), Moment.now(cpuNanos));
    }

    /**
     * From readings before the run, soon after its last frame left, and when the last frames had been waited for: between
     * these two the switch shows what it uses while nothing is sent.
     */
    static Carried of(Report report, Moment before, Moment end, Moment after) {
        double idleShare = (double) (after.cpuNanos - end.cpuNanos) / Math.max(1, after.nanos - end.nanos);
        double idleNanos = end.nanos - before.nanos - report.seconds() * 1e9;
        double usedNanos = end.cpuNanos - before.cpuNanos - idleShare * idleNanos;
        return new Carried(report, Math.max(0, Math.round(usedNanos)));
    }

    /** Frames that arrived, a second. */
    public double perSecond() {
        return report.received() / report.seconds();
    }

    /** The part of the frames sent that did not arrive. */
    public double lostShare() {
        return (double) (report.sent() - report.received()) / Math.max(1, report.sent());
    }

    /** CPU time for each frame that arrived. */
    public double cpuNanosPerFrame() {
        return (double) cpuNanos / Math.max(1, report.received());
    }
}
