package io.ringfence.scheduler;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongFunction;

/** The least that must be taken back of a guarantee so that a certain share of a CPU suffices for it. */
public final class Relaxation {
    private static final long LONGEST_LATENCY_MICROS = 10_000_000;

    private final Sizing sizing;
    private final Guarantee guarantee;
    private final double share;

    /** @param share what the reservation may take of a CPU, at most */
    public Relaxation(Sizing sizing, Guarantee guarantee, double share) {
        this.sizing = sizing;
        this.guarantee = guarantee;
        this.share = share;
    }

    /** The largest rate, in packets per second and three digits, that fits with the same burst and latency. */
    public OptionalLong rate() {
        return largest(guarantee.packetsPerSecond(), guarantee::withRate);
    }

    /** The largest burst, in packets and three digits, that fits with the same rate and latency. */
    public OptionalLong burst() {
        return largest(guarantee.burstPackets(), packets -> guarantee.withBurst((int) packets));
    }

    /** The smallest latency bound in nanoseconds, three digits, that fits with the same rate and burst. */
    public OptionalLong latencyNanos() {
        OptionalLong least =
                Sizing.least(1, LONGEST_LATENCY_MICROS, micros -> fits(guarantee.withLatency(micros * 1_000)));
        long roundedNanos = roundedUp(least.orElse(0)) * 1_000;
        return least.isPresent() && fits(guarantee.withLatency(roundedNanos))
                ? OptionalLong.of(roundedNanos)
                : OptionalLong.empty();
    }

    private OptionalLong largest(long given, LongFunction<Guarantee> with) {
        OptionalLong tooMuch = Sizing.least(1, given, value -> !fits(with.apply(value)));
        long largest = tooMuch.orElse(given + 1) - 1;
        return largest < 1 ? OptionalLong.empty() : OptionalLong.of(largest - largest % thirdDigit(largest));
    }

    private boolean fits(Guarantee candidate) {
        Optional<SizedReservation> sized = sizing.of(candidate);
        return sized.isPresent() && sized.get().reservation().share() <= share;
    }

    private static long roundedUp(long value) {
        long step = thirdDigit(value);
        return (value + step - 1) / step * step;
    }

    private static long thirdDigit(long value) {
        long step = 1;
        while (value / step >= 1_000) {
            step *= 10;
        }
        return step;
    }
}
