package io.ringfence.bench.traffic;

/**
 * How well the thread that drives all stations kept its schedule.
 *
 * @param gapNanos all gaps together: times between two turns that were so long that what they overlap is discarded
 * @param strays frames that reached a station to which they were not sent, as flooded ones do
 * @param stolenMillis CPU time that the hypervisor gave to others during a run, all CPUs together ({@code steal} in
 *     {@code /proc/stat}, which counts in 10 ms)
 */
public record Schedule(long gapNanos, long strays, long stolenMillis) {}
