package io.ringfence.bench.demo;

import io.ringfence.bench.traffic.Latencies;
import java.util.Locale;
import java.util.function.ToLongFunction;

/** Numbers as people read them. */
final class Quantity {
    private Quantity() {}

    /** Grouped. */
    static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** Grouped, without decimals. */
    static String count(double value) {
        return String.format(Locale.ROOT, "%,.0f", value);
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

    /** One of these latencies; a dash if there is none. */
    static String time(Latencies latencies, ToLongFunction<Latencies> value) {
        return latencies.count() == 0 ? "–" : time(value.applyAsLong(latencies));
    }

    /** How many times one value is the other, such as {@code 3.1 times}. */
    static String times(long nanos, long ofNanos) {
        double ratio = (double) nanos / ofNanos;
        return String.format(Locale.ROOT, ratio < 9.95 ? "%.1f times" : "%.0f times", ratio);
    }
}
