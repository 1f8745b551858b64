package io.ringfence.scheduler;

/**
 * How much CPU time something costs, as percentiles of what was measured.
 *
 * @param p50Nanos half of the samples cost no more; in nanoseconds, with a fraction, for a byte costs less than one
 * @param p99Nanos all but one in a hundred cost no more
 * @param p999Nanos all but one in a thousand cost no more
 */
public record CostDistribution(double p50Nanos, double p99Nanos, double p999Nanos) {
    public CostDistribution {
        // Written so that NaN is refused too.
        if (!(p50Nanos >= 0 && p50Nanos <= p99Nanos && p99Nanos <= p999Nanos && p999Nanos < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("p50=" + p50Nanos + " p99=" + p99Nanos + " p999=" + p999Nanos
                    + " ns; expected finite numbers, none below 0 or below the one before");
        }
    }

    /** What always costs the same. */
    public static CostDistribution constant(double nanos) {
        return new CostDistribution(nanos, nanos, nanos);
    }
}
