package io.ringfence.bench.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ringfence.bench.isolation.IsolationResult.Measured;
import io.ringfence.bench.isolation.IsolationResult.Pair;
import io.ringfence.bench.report.Figure;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

final class ImpactTest {
    /** Histograms keep three digits. */
    private static final Offset<Double> ROUNDING = within(0.01);

    @Test
    void shouldTakeTheMedianOfTheRatiosByRound() {
        // What drifts from round to round falls out: the median p99 alone is 100, beside 110, but no ratio is 1.1.
        Impact impact = impact(runs(50, 60), runs(100, 130), runs(1_000, 110));
        Figure factor = impact.isolationFactor(99).orElseThrow();
        assertThat(factor.median()).isCloseTo(1.2, ROUNDING);
        assertThat(factor.min()).isCloseTo(0.11, ROUNDING);
        assertThat(factor.max()).isCloseTo(1.3, ROUNDING);
        assertThat(impact.alone(99).orElseThrow().median()).isCloseTo(0.1, within(0.001));
        assertThat(impact.beside(99).orElseThrow().median()).isCloseTo(0.11, within(0.001));
    }

    @Test
    void shouldTellPercentilesApart() {
        // 5 of 1000 frames were slow beside the aggressor: seen in p99.9, not in p99.
        Impact impact = new Impact(List.of(new Pair(
                Aggressor.DEAR,
                Samples.run(1_000, 0, Samples.latencies(1_000, 10)),
                Samples.run(1_000, 0, Samples.latencies(995, 10, 5, 500)))));
        assertThat(impact.isolationFactor(99).orElseThrow().median()).isCloseTo(1, ROUNDING);
        assertThat(impact.isolationFactor(99.9).orElseThrow().median()).isCloseTo(50, within(0.5));
    }

    @Test
    void shouldLeaveARatioOutOfFiguresWhenEitherOfItsRunsWasDisturbed() {
        Measured alone = Samples.run(1_000, 0, Samples.latencies(1_000, 10));
        Measured beside = Samples.run(1_000, 0, Samples.latencies(1_000, 20));
        Measured disturbed = Samples.run(1_000, 0, Samples.latencies(1_000, 900), "the generator was away");
        Impact impact = new Impact(List.of(
                new Pair(Aggressor.DEAR, alone, beside),
                new Pair(Aggressor.DEAR, disturbed, beside),
                new Pair(Aggressor.DEAR, alone, disturbed)));
        Figure factor = impact.isolationFactor(99).orElseThrow();
        assertThat(factor.rounds()).isEqualTo(3);
        assertThat(factor.calmRounds()).isEqualTo(1);
        assertThat(factor.max()).isCloseTo(2, ROUNDING);
        assertThat(impact.curveBeside().getTotalCount()).as("of calm runs").isEqualTo(2_000);
    }

    @Test
    void shouldUseDisturbedRoundsWhenThereAreNoOthers() {
        Measured disturbed = Samples.run(1_000, 0, Samples.latencies(1_000, 30), "the generator was away");
        Impact impact = new Impact(List.of(new Pair(Aggressor.DEAR, disturbed, disturbed)));
        assertThat(impact.isolationFactor(99).orElseThrow().calmRounds()).isZero();
        assertThat(impact.isolationFactor(99).orElseThrow().median()).isEqualTo(1);
        assertThat(impact.curveAlone().getTotalCount()).isEqualTo(1_000);
    }

    @Test
    void shouldCountGoodputThatRisesAsADeviationTooAndLossInEveryRound() {
        Measured alone = Samples.run(10_000, 0, Samples.latencies(1_000, 10));
        Impact impact = new Impact(List.of(
                new Pair(Aggressor.AIMED, alone, Samples.run(10_000, 300, Samples.latencies(1_000, 10))),
                new Pair(Aggressor.AIMED, alone, Samples.run(10_200, 0, Samples.latencies(1_000, 10))),
                new Pair(Aggressor.AIMED, alone, Samples.run(10_000, 5, Samples.latencies(1_000, 10), "stolen time"))));
        Figure deviation = impact.goodputDeviation().orElseThrow();
        assertThat(deviation.min()).isCloseTo(2, ROUNDING);
        assertThat(deviation.max()).isCloseTo(3, ROUNDING);
        assertThat(impact.lostBeside()).as("disturbed or not").isEqualTo(305);
        assertThat(impact.lostAlone()).isZero();
    }

    @Test
    void shouldCountFramesThatArriveAfterTheRunAsADeviationAndNotAsLost() {
        Impact impact = impact(new Pair(
                Aggressor.AIMED,
                Samples.run(10_000, 0, Samples.latencies(1_000, 10)),
                Samples.runWithLateFrames(10_000, 150, Samples.latencies(1_000, 10))));
        assertThat(impact.goodputDeviation().orElseThrow().median()).isCloseTo(1.5, ROUNDING);
        assertThat(impact.lostBeside()).isZero();
    }

    @Test
    void shouldLeaveOutRoundsWithoutLatenciesAndStillCountThem() {
        Measured nothingLeft = Samples.run(1_000, 0, Samples.latencies(), "every latency met a gap");
        Impact impact = impact(runs(100, 150), new Pair(Aggressor.DEAR, nothingLeft, nothingLeft));
        Figure factor = impact.isolationFactor(99).orElseThrow();
        assertThat(factor.max()).isCloseTo(1.5, ROUNDING);
        assertThat(factor.rounds()).isEqualTo(2);
        assertThat(factor.calmRounds()).isEqualTo(1);
    }

    @Test
    void shouldSayWhyThereIsNoFactor() {
        Measured some = Samples.run(1_000, 0, Samples.latencies(1_000, 10));
        Measured nothingLeft = Samples.run(1_000, 0, Samples.latencies(), "every latency met a gap");
        Pair withoutAlone = new Pair(Aggressor.DEAR, nothingLeft, some);
        Pair withoutBeside = new Pair(Aggressor.DEAR, some, nothingLeft);
        assertThat(impact(withoutAlone).isolationFactor(99)).isEmpty();
        assertThat(impact(withoutAlone).absence()).endsWith("no latency alone is left");
        assertThat(impact(withoutBeside).absence()).endsWith("no latency beside it is left");
        assertThat(impact(withoutAlone, withoutBeside).isolationFactor(99)).isEmpty();
        assertThat(impact(withoutAlone, withoutBeside).absence()).contains("no round with latencies both");
    }

    @Test
    void shouldMissWhenHalfOfTheFramesWereLostBesideTheAggressor() {
        Measured alone = Samples.run(10_000, 0, Samples.latencies(10_000, 10));
        Measured halfArrived = Samples.run(10_000, 5_000, Samples.latencies(4_999, 10, 1, 500));
        assertThat(micros(halfArrived, 49)).isEqualTo(0.01);
        assertThat(micros(halfArrived, 50)).as("the highest").isEqualTo(0.5);
        assertThat(micros(halfArrived, 99)).isInfinite();
        Impact impact = impact(new Pair(Aggressor.DEAR, alone, halfArrived));
        assertThat(impact.isolationFactor(99).orElseThrow().median()).isInfinite();
        assertThat(impact.beside(99).orElseThrow().median()).isInfinite();
    }

    @Test
    void shouldLeaveOutRoundsInWhichSoMuchWasLostAlone() {
        Measured lossy = Samples.run(1_000, 500, Samples.latencies(500, 10));
        Pair lossyAlone = new Pair(Aggressor.DEAR, lossy, lossy);
        Figure factor = impact(runs(100, 150), lossyAlone).isolationFactor(99).orElseThrow();
        assertThat(factor.max()).isCloseTo(1.5, ROUNDING);
        assertThat(factor.rounds()).isEqualTo(2);
        assertThat(impact(lossyAlone).isolationFactor(99)).isEmpty();
        assertThat(impact(lossyAlone).absence()).endsWith("too many frames did not arrive alone");
        assertThat(impact(lossyAlone).isolationFactor(40))
                .as("of those that did")
                .isPresent();
    }

    @Test
    void shouldNotDivideByAGoodputOfNothing() {
        Measured nothing = Samples.run(1_000, 1_000, Samples.latencies(), "no frame of the victim arrived");
        assertThat(impact(new Pair(Aggressor.DEAR, nothing, nothing)).goodputDeviation())
                .isEmpty();
    }

    @Test
    void shouldMissWhenNothingArrivedBesideTheAggressor() {
        Measured alone = Samples.run(1_000, 0, Samples.latencies(1_000, 10));
        Measured nothing = Samples.run(1_000, 1_000, Samples.latencies());
        Impact impact = impact(new Pair(Aggressor.DEAR, alone, nothing));
        assertThat(impact.isolationFactor(99).orElseThrow().median()).isInfinite();
        assertThat(impact.beside(50).orElseThrow().median()).isInfinite();
        assertThat(impact.isolationFactor(99).orElseThrow().calmRounds())
                .as("a loss is no disturbance")
                .isOne();
    }

    private static double micros(Measured run, double percent) {
        return run.micros(percent).orElseThrow().value();
    }

    /** Latencies alone and beside, all alike. */
    private static Pair runs(long aloneNanos, long besideNanos) {
        return new Pair(
                Aggressor.DEAR,
                Samples.run(1_000, 0, Samples.latencies(1_000, aloneNanos)),
                Samples.run(1_000, 0, Samples.latencies(1_000, besideNanos)));
    }

    private static Impact impact(Pair... pairs) {
        return new Impact(List.of(pairs));
    }
}
