package io.ringfence.config.document;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

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

    /**
     * Returns the one of {@code units} that {@code typed} surely means: in other case, with a micro sign (or the Greek
     * letter, which looks the same) for the u, or a size without the i. A unit that is merely spelled alike is another
     * quantity.
     */
    static Optional<Unit> meant(String typed, List<Unit> units) {
        String symbol = switch (typed.toLowerCase(Locale.ROOT)) {
            case "\u00b5s", "\u03bcs" -> "us";
            case "k", "kb" -> "KiB";
            case "m", "mb" -> "MiB";
            case "g", "gb" -> "GiB";
            default -> typed;
        };
        return units.stream()
                .filter(unit -> unit.symbol().equalsIgnoreCase(symbol))
                .findFirst();
    }

    /** Returns {@code count} in the largest of {@code units} of which it is a whole number. */
    public static String written(long count, List<Unit> units) {
        Unit exact = units.getFirst();
        for (Unit unit : units) {
            exact = count % unit.factor() == 0 ? unit : exact;
        }
        return count / exact.factor() + exact.symbol();
    }
}
