package io.ringfence.bench.report;

import java.util.Locale;

/** How numbers are written for people. */
public final class Numbers {
    /** How what is not there is written. */
    public static final String NOTHING = "–";

    /** How what has no end is written. */
    static final String INFINITE = "∞";

    private Numbers() {}

    /** With so many decimals, and commas between thousands; a dash for what is no number, such as the ratio of nothing to nothing. */
    public static String plain(double value, int decimals) {
        if (Double.isNaN(value)) {
            return NOTHING;
        }
        if (value == Double.POSITIVE_INFINITY) {
            return INFINITE;
        }
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }

    /** With about three significant digits. */
    public static String short3(double value) {
        double size = Math.abs(value);
        return plain(value, size >= 100 || size == 0 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 4);
    }
}
