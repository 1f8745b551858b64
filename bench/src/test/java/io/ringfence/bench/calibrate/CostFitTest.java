package io.ringfence.bench.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ringfence.scheduler.CostDistribution;
import io.ringfence.scheduler.CostModel;
import io.ringfence.scheduler.FrameShape;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What costs are made of measured visits. */
final class CostFitTest {
    private static final CostModel.Side KNOWN = new CostModel.Side(
            new CostDistribution(60, 90, 120),
            new CostDistribution(150, 200, 400),
            new CostDistribution(12, 20, 25),
            new CostDistribution(0.05, 0.1, 0.3),
            new CostDistribution(1_200, 2_400, 9_000));

    @Test
    void shouldFindTheCostsThatVisitsWereMadeOf() {
        CostModel.Side found = CostFit.fit(visits(KNOWN, cost -> cost));
        assertClose(found.perFrame(), KNOWN.perFrame());
        assertClose(found.perChain(), KNOWN.perChain());
        assertClose(found.perDescriptor(), KNOWN.perDescriptor());
        assertClose(found.perByte(), KNOWN.perByte());
        assertClose(found.perVisit(), KNOWN.perVisit());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldPredictWellAndMonotonicallyWhenMeasurementsAreNoisy(long seed) {
        Random random = new Random(seed);
        CostModel.Side found = CostFit.fit(visits(KNOWN, cost -> noisy(cost, random)));
        for (VisitShape shape : Shapes.predicted()) {
            assertThat(CostFit.predict(found, shape, CostDistribution::p50Nanos))
                    .isCloseTo(
                            CostFit.predict(KNOWN, shape, CostDistribution::p50Nanos),
                            within(0.2 * CostFit.predict(KNOWN, shape, CostDistribution::p50Nanos)));
        }
        // No cost is negative and no percentile below the one before: CostDistribution refuses that. So more is never
        // cheaper.
        VisitShape few = new VisitShape(VisitShape.Work.DELIVER, 3, 60, VisitShape.Layout.PLAIN);
        VisitShape more = new VisitShape(VisitShape.Work.DELIVER, 4, 61, VisitShape.Layout.chain(2));
        assertThat(CostFit.predict(found, more, CostDistribution::p99Nanos))
                .isGreaterThan(CostFit.predict(found, few, CostDistribution::p99Nanos));
    }

    @Test
    void shouldGiveNothingANegativeCostWhenLongerFramesSeemCheaper() {
        List<MeasuredVisit> odd = Shapes.fitted().stream()
                .map(shape -> new MeasuredVisit(
                        shape, CostDistribution.constant(10_000 + 100 * shape.frames() - 0.01 * shape.bytes())))
                .toList();
        CostModel.Side found = CostFit.fit(odd);
        assertThat(found.perByte().p50Nanos()).isZero();
        assertThat(found.perFrame().p50Nanos()).isBetween(80.0, 100.0);
        assertThat(found.perVisit().p50Nanos()).isBetween(9_000.0, 11_000.0);
    }

    @Test
    void shouldAddUpAVisitAsTheModelSays() {
        VisitShape shape = new VisitShape(VisitShape.Work.DRAIN, 20, 300, VisitShape.Layout.chain(3));
        assertThat(CostFit.predict(KNOWN, shape, CostDistribution::p99Nanos))
                .isCloseTo(2_400 + 20 * (90 + 200 + 3 * 20 + 300 * 0.1), within(1e-6));
    }

    private static List<MeasuredVisit> visits(CostModel.Side side, UnaryOperator<CostDistribution> noise) {
        return Shapes.fitted().stream()
                .filter(VisitShape::transmits)
                .map(shape -> new MeasuredVisit(shape, noise.apply(exact(side, shape))))
                .toList();
    }

    private static CostDistribution exact(CostModel.Side side, VisitShape shape) {
        FrameShape frame = new FrameShape(shape.lengthBytes(), shape.layout().descriptors());
        return new CostDistribution(
                side.perVisit().p50Nanos() + shape.frames() * side.frameNanos(frame, CostDistribution::p50Nanos),
                side.perVisit().p99Nanos() + shape.frames() * side.frameNanos(frame, CostDistribution::p99Nanos),
                side.perVisit().p999Nanos() + shape.frames() * side.frameNanos(frame, CostDistribution::p999Nanos));
    }

    /** Ten percent up or down, each percentile for itself. */
    private static CostDistribution noisy(CostDistribution cost, Random random) {
        double p50 = cost.p50Nanos() * (0.9 + 0.2 * random.nextDouble());
        double p99 = Math.max(p50, cost.p99Nanos() * (0.9 + 0.2 * random.nextDouble()));
        return new CostDistribution(p50, p99, Math.max(p99, cost.p999Nanos() * (0.9 + 0.2 * random.nextDouble())));
    }

    private static void assertClose(CostDistribution found, CostDistribution known) {
        assertThat(found.p50Nanos()).isCloseTo(known.p50Nanos(), within(1e-6 * known.p50Nanos()));
        assertThat(found.p99Nanos()).isCloseTo(known.p99Nanos(), within(1e-6 * known.p99Nanos()));
        assertThat(found.p999Nanos()).isCloseTo(known.p999Nanos(), within(1e-6 * known.p999Nanos()));
    }
}
