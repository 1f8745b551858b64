package io.ringfence.bench.demo;

import java.util.Locale;

/** Numbers as people read them. */
final class Quantity {
    private Quantity() {}

    /** Events per second, grouped. */
    static String rate(long events, double seconds) {
        return count(Math.round(events / seconds));
    }

    static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** Three digits at most, with the unit that fits. */
    static String time(long nanos) {
        double micros = nanos / 1e3;
        if (micros < 9.95) {
            return String.format(Locale.ROOT, "%.1f us", micros);
        }
        if (micros < 999.5) {
            return String.format(Locale.ROOT, "%.0f us", micros);
        }
        double millis = micros / 1e3;
        return millis < 9.95
                ? String.format(Locale.ROOT, "%.1f ms", millis)
                : String.format(Locale.ROOT, "%.0f ms", millis);
    }

    static String gigabits(long frames, int lengthBytes, double seconds) {
        return String.format(Locale.ROOT, "%.2f", frames * lengthBytes * 8 / seconds / 1e9);
    }
}
