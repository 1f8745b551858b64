package io.ringfence.bench.calibrate;

import io.ringfence.scheduler.CostDistribution;
import io.ringfence.scheduler.CostModel;
import io.ringfence.scheduler.FrameShape;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Finds the costs per visit, frame, chain, descriptor and byte that explain measured visits.
 *
 * <p>One percentile at a time: the p99 of a visit of n frames is explained by the sum that {@link CostModel} is
 * about, and so are p50 and p99.9. So a p99 cost means what it says only within the sum: the
 * sums are what 99 in 100 visits do not exceed. What delays a visit as a whole, such as an interrupt, ends up in {@code
 * perVisit}, which would be lost if each frame were measured alone.
 *
 * <p>Least squares of relative errors, so that a visit of one frame counts as much as one of 64; under the condition that
 * no cost is negative, and no percentile below the one before: of p99 and p99.9, what they add to the percentile before is
 * explained. With five unknowns, trying each set of costs that may differ from 0 is the simplest exact way.
 */
final class CostFit {
    private static final int COSTS = 5;
    private static final int VISIT = 0;
    private static final int FRAME = 1;
    private static final int CHAIN = 2;
    private static final int DESCRIPTOR = 3;
    private static final int BYTE = 4;

    private final List<MeasuredVisit> visits;

    private CostFit(List<MeasuredVisit> visits) {
        this.visits = visits;
    }

    /** The costs of one side, from visits of that side. */
    static CostModel.Side fit(List<MeasuredVisit> visits) {
        CostFit fit = new CostFit(visits);
        double[] p50 = fit.explain(CostDistribution::p50Nanos, cost -> 0);
        double[] p99 = sum(p50, fit.explain(CostDistribution::p99Nanos, CostDistribution::p50Nanos));
        double[] p999 = sum(p99, fit.explain(CostDistribution::p999Nanos, CostDistribution::p99Nanos));
        return new CostModel.Side(
                new CostDistribution(p50[FRAME], p99[FRAME], p999[FRAME]),
                new CostDistribution(p50[CHAIN], p99[CHAIN], p999[CHAIN]),
                new CostDistribution(p50[DESCRIPTOR], p99[DESCRIPTOR], p999[DESCRIPTOR]),
                new CostDistribution(p50[BYTE], p99[BYTE], p999[BYTE]),
                new CostDistribution(p50[VISIT], p99[VISIT], p999[VISIT]));
    }

    /** What the costs of a side say of a visit, in nanoseconds. */
    static double predict(CostModel.Side side, VisitShape shape, ToDoubleFunction<CostDistribution> percentile) {
        FrameShape frame = new FrameShape(shape.lengthBytes(), shape.layout().descriptors());
        return percentile.applyAsDouble(side.perVisit()) + shape.frames() * side.frameNanos(frame, percentile);
    }

    /** Explains by how much one percentile exceeds another. */
    private double[] explain(ToDoubleFunction<CostDistribution> upper, ToDoubleFunction<CostDistribution> lower) {
        double[][] rows = new double[visits.size()][];
        double[] targets = new double[visits.size()];
        for (int i = 0; i < rows.length; i++) {
            MeasuredVisit visit = visits.get(i);
            double weight = 1 / Math.max(1, upper.applyAsDouble(visit.cost()));
            VisitShape shape = visit.shape();
            rows[i] = new double[COSTS];
            rows[i][VISIT] = weight;
            rows[i][FRAME] = weight * shape.frames();
            rows[i][CHAIN] = weight * shape.chains();
            rows[i][DESCRIPTOR] = weight * shape.descriptors();
            rows[i][BYTE] = weight * shape.bytes();
            targets[i] = weight * (upper.applyAsDouble(visit.cost()) - lower.applyAsDouble(visit.cost()));
        }
        return nonNegative(rows, targets);
    }

    /** The non-negative coefficients with the least sum of squared errors. */
    static double[] nonNegative(double[][] rows, double[] targets) {
        double[] best = new double[COSTS];
        double leastError = error(rows, targets, best);
        for (int support = 1; support < 1 << COSTS; support++) {
            double[] candidate = solve(rows, targets, support);
            double error = error(rows, targets, candidate);
            if (error < leastError && isNonNegative(candidate)) {
                leastError = error;
                best = candidate;
            }
        }
        return best;
    }

    /** Least squares where only the coefficients in the support differ from 0: Gauss on the normal equations. */
    private static double[] solve(double[][] rows, double[] targets, int support) {
        double[][] equations = new double[COSTS][COSTS + 1];
        for (int i = 0; i < COSTS; i++) {
            if ((support >> i & 1) == 0) {
                equations[i][i] = 1;
                continue;
            }
            for (int row = 0; row < rows.length; row++) {
                for (int j = 0; j < COSTS; j++) {
                    equations[i][j] += (support >> j & 1) * rows[row][i] * rows[row][j];
                }
                equations[i][COSTS] += rows[row][i] * targets[row];
            }
        }
        eliminate(equations);
        double[] solution = new double[COSTS];
        for (int i = 0; i < COSTS; i++) {
            solution[i] = equations[i][COSTS] / equations[i][i];
        }
        return solution;
    }

    /** Gauss and Jordan; the matrix is positive definite if the shapes differ enough, so no pivots are sought. */
    private static void eliminate(double[][] equations) {
        for (int pivot = 0; pivot < COSTS; pivot++) {
            for (int i = 0; i < COSTS; i++) {
                if (i != pivot) {
                    double factor = equations[i][pivot] / equations[pivot][pivot];
                    for (int j = pivot; j <= COSTS; j++) {
                        equations[i][j] -= factor * equations[pivot][j];
                    }
                }
            }
        }
    }

    private static boolean isNonNegative(double[] costs) {
        for (double cost : costs) {
            if (!(cost >= 0)) { // NaN where the shapes do not tell two costs apart
                return false;
            }
        }
        return true;
    }

    private static double error(double[][] rows, double[] targets, double[] costs) {
        double sum = 0;
        for (int row = 0; row < rows.length; row++) {
            double error = -targets[row];
            for (int i = 0; i < COSTS; i++) {
                error += rows[row][i] * costs[i];
            }
            sum += error * error;
        }
        return sum;
    }

    private static double[] sum(double[] costs, double[] increments) {
        double[] sum = new double[COSTS];
        for (int i = 0; i < COSTS; i++) {
            sum[i] = costs[i] + increments[i];
        }
        return sum;
    }
}
