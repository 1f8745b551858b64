package io.ringfence.dataplane.port;

/**
 * Lets through so many tokens a second, and at most {@code capacity} at once.
 *
 * <p>Exact: one nanosecond earns {@code perSecond} billionths of a token, a whole number, so nothing is rounded and nothing
 * drifts, however often it is looked at. Over any interval of t seconds it gives {@code capacity + perSecond * t} tokens
 * at most, and never refuses while fewer than that were asked for.
 *
 * <p>Owned by one worker; allocates nothing. Times are {@link System#nanoTime}.
 */
final class TokenBucket {
    private static final long BILLION = 1_000_000_000;

    /** The largest capacity: its billionths just fit a long. */
    static final long MAX_CAPACITY = Long.MAX_VALUE / BILLION;

    private final long perSecond;
    private final long capacity;
    private final long fillNanos;
    /** In billionths of a token; so is the capacity. */
    private long credit;

    private long creditedNanos;

    /**
     * A full bucket.
     *
     * @param perSecond 1 or more
     * @param capacityTokens 1 to {@link #MAX_CAPACITY}
     */
    TokenBucket(long perSecond, long capacityTokens, long nowNanos) {
        if (perSecond < 1 || capacityTokens < 1 || capacityTokens > MAX_CAPACITY) {
            throw new IllegalArgumentException("perSecond=" + perSecond + " capacity=" + capacityTokens
                    + "; expected both above 0 and a capacity of " + MAX_CAPACITY + " at most");
        }
        this.perSecond = perSecond;
        capacity = capacityTokens * BILLION;
        fillNanos = 1 + (capacity - 1) / perSecond;
        credit = capacity;
        creditedNanos = nowNanos;
    }

    /** Credits the time since the last call. */
    void refill(long nowNanos) {
        long elapsed = nowNanos - creditedNanos;
        if (elapsed <= 0) {
            return;
        }
        creditedNanos = nowNanos;
        if (credit < 0) {
            elapsed -= payBack(elapsed);
        }
        // No overflow: in less than the time to fill it, it earns less than its capacity.
        long earned = elapsed >= fillNanos ? capacity : elapsed * perSecond;
        credit = earned >= capacity - credit ? capacity : credit + earned;
    }

    /** Uses time for what was taken on credit; returns how much of it. */
    private long payBack(long elapsed) {
        long nanos = Math.min(elapsed, 1 + (-credit - 1) / perSecond);
        credit += nanos * perSecond;
        return nanos;
    }

    /** The most tokens that can be there. */
    long capacity() {
        return capacity / BILLION;
    }

    /** Whole tokens that are there; 0 or less while some were taken on credit. */
    long available() {
        return credit / BILLION;
    }

    /** Whether so many tokens are there; they must not be more than the capacity. */
    boolean has(long tokens) {
        return credit >= tokens * BILLION;
    }

    /** Takes tokens, also on credit, or gives them back if negative. */
    void take(long tokens) {
        credit -= tokens * BILLION;
    }

    /** How long until so many tokens are there, from the last refill on; 0 if they are. */
    long nanosUntil(long tokens) {
        long missing = tokens * BILLION - credit;
        return missing <= 0 ? 0 : 1 + (missing - 1) / perSecond;
    }

    /** How long an empty one takes to be full. */
    long fillNanos() {
        return fillNanos;
    }
}
