package io.ringfence.bench.traffic;

import java.util.List;

/**
 * How well the thread that drives all stations kept its schedule.
 *
 * @param gapThresholdNanos from which time between two turns on it counts as a gap
 * @param gaps how many there were
 * @param gapNanos all of them together
 * @param longestNanos the longest time between two turns, gap or not
 * @param recorded the gaps themselves, up to {@value #MOST_RECORDED}; in a whole report
 * @param strays frames that reached a station to which they were not sent, as flooded ones do
 * @param stolenMillis CPU time that the hypervisor gave to others during a run, all CPUs together ({@code steal} in
 *     {@code /proc/stat}, which counts in 10 ms)
 */
public record Schedule(
        long gapThresholdNanos,
        long gaps,
        long gapNanos,
        long longestNanos,
        List<Gap> recorded,
        long strays,
        long stolenMillis) {
    /** Most gaps recorded one by one. */
    public static final int MOST_RECORDED = 1000;

    /** A time without turns, counted from the beginning of the run. */
    public record Gap(long fromNanos, long toNanos) {}

    public Schedule {
        recorded = List.copyOf(recorded);
    }
}
