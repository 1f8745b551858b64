package io.ringfence.bench.calibrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.calibrate.VisitShape.Layout;
import io.ringfence.bench.calibrate.VisitShape.Work;
import io.ringfence.scheduler.CostDistribution;
import io.ringfence.scheduler.CostModel;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the operator is told of a calibration, and when it is good enough. */
final class CalibrationReportTest {
    private static final CostModel.Side SIDE =
            new CostModel.Side(cost(50), cost(100), cost(10), new CostDistribution(0.05, 0.1, 0.2), cost(1_234));
    private static final CostModel COSTS = new CostModel(SIDE, SIDE, new CostModel.WakeUp(cost(20_000), cost(18_000)));
    private static final CalibrationReport.Demand DEMAND = new CalibrationReport.Demand(0.3, 1_000);

    @Test
    void shouldShowCostsCheckAndCircumstances() {
        String text = report(Work.DELIVER, 1.1).text(true);
        assertThat(text.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(120));
        assertThat(text)
                .contains("p50", "p99", "p99.9", "transmit", "receive", "until kicked", "for a set time")
                .contains("1,234", "0.05")
                .contains("delivery of 20 frames of 300 bytes, 3 descriptors each", "-9 %")
                .contains("76,543 visits, of which 12 were interrupted (310 us at the longest")
                .contains("a neighbour touched 2,048 KiB");
    }

    @ParameterizedTest
    @CsvSource({"DELIVER,1.25,true", "DELIVER,1.6,false", "DELIVER,0.8,true", "DELIVER,0.7,false", "DRAIN,0.7,false"})
    void shouldHoldOnlyIfPredictionsAreWithinTheTolerance(Work work, double measuredPerPredicted, boolean holds) {
        CalibrationReport report = report(work, measuredPerPredicted);
        assertThat(report.objection().isEmpty()).isEqualTo(holds);
        assertThat(report.objection().orElse("expected at most 30 %, Nothing was stored, quiet"))
                .contains("expected at most 30 %", "Nothing was stored", "quiet");
    }

    @ParameterizedTest
    @CsvSource({"0.3,true", "1.2,true", "1.6,false"})
    void shouldAllowHandingOffToCostLessThanDelivery(double measuredPerPredicted, boolean holds) {
        assertThat(report(Work.HAND_OFF, measuredPerPredicted).objection().isEmpty())
                .isEqualTo(holds);
    }

    @Test
    void shouldNotHoldWhenTooFewVisitsWereMeasured() {
        assertThat(report(Work.DELIVER, 1, 1_999).objection())
                .hasValueSatisfying(objection ->
                        assertThat(objection).contains("only 999 visits of each kind, and 1000 are needed"));
    }

    private static CalibrationReport report(Work work, double measuredPerPredicted) {
        return report(work, measuredPerPredicted, 76_543);
    }

    private static CalibrationReport report(Work work, double measuredPerPredicted, long samples) {
        VisitShape shape = new VisitShape(work, 20, 300, Layout.chain(3));
        MeasuredVisit visit = new MeasuredVisit(
                shape,
                new CostDistribution(
                        measuredPerPredicted * CostFit.predict(SIDE, shape, CostDistribution::p50Nanos),
                        measuredPerPredicted * CostFit.predict(SIDE, shape, CostDistribution::p99Nanos),
                        1e6));
        Calibration.Outcome outcome = new Calibration.Outcome(
                COSTS, List.of(visit), List.of(Prediction.of(COSTS, visit)), samples, 12, 310_000, 9_000);
        return new CalibrationReport(outcome, 2 << 20, DEMAND);
    }

    private static CostDistribution cost(double nanos) {
        return new CostDistribution(nanos, 1.5 * nanos, 2 * nanos);
    }
}
