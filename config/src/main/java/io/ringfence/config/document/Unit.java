package io.ringfence.config.document;

import java.util.List;

/**
 * A unit of a quantity.
 *
 * @param symbol as written after the number
 * @param factor how many of the smallest unit it is
 */
public record Unit(String symbol, long factor) {
    /** Durations, in nanoseconds. */
    public static final List<Unit> DURATION =
            List.of(new Unit("ns", 1), new Unit("us", 1_000), new Unit("ms", 1_000_000), new Unit("s", 1_000_000_000));

    /** Packet rates, in packets per second. */
    public static final List<Unit> PACKET_RATE =
            List.of(new Unit("pps", 1), new Unit("kpps", 1_000), new Unit("Mpps", 1_000_000));

    /** Bandwidths, in bits per second. */
    public static final List<Unit> BANDWIDTH = List.of(
            new Unit("bps", 1), new Unit("kbps", 1_000), new Unit("Mbps", 1_000_000), new Unit("Gbps", 1_000_000_000));

    /** Sizes, in bytes. */
    public static final List<Unit> SIZE =
            List.of(new Unit("B", 1), new Unit("KiB", 1L << 10), new Unit("MiB", 1L << 20), new Unit("GiB", 1L << 30));

    /** Returns {@code count} in the largest of {@code units} of which it is a whole number. */
    public static String written(long count, List<Unit> units) {
        Unit exact = units.getFirst();
        for (Unit unit : units) {
            exact = count % unit.factor() == 0 ? unit : exact;
        }
        return count / exact.factor() + exact.symbol();
    }
}
