package io.ringfence.bench.calibrate;

import io.ringfence.scheduler.CostDistribution;
import io.ringfence.scheduler.CostModel;

/** What the model says of visits that it was not fitted to, beside what they cost. */
record Prediction(MeasuredVisit measured, CostDistribution predicted) {
    static Prediction of(CostModel costs, MeasuredVisit visit) {
        CostModel.Side side = visit.shape().transmits() ? costs.transmit() : costs.receive();
        return new Prediction(
                visit,
                new CostDistribution(
                        CostFit.predict(side, visit.shape(), CostDistribution::p50Nanos),
                        CostFit.predict(side, visit.shape(), CostDistribution::p99Nanos),
                        CostFit.predict(side, visit.shape(), CostDistribution::p999Nanos)));
    }

    /** How far the predicted p50 is off, as a fraction of the measured one. */
    double p50Error() {
        return predicted.p50Nanos() / measured.cost().p50Nanos() - 1;
    }

    /** How far the predicted p99 is off, as a fraction of the measured one. */
    double p99Error() {
        return predicted.p99Nanos() / measured.cost().p99Nanos() - 1;
    }

    /**
     * The larger of the two errors. Handing off is told of by what delivery costs, which must not be less: there only too
     * low a prediction is an error.
     */
    double worstError() {
        double tooLow = -Math.min(p50Error(), p99Error());
        return measured.shape().work() == VisitShape.Work.HAND_OFF
                ? Math.max(0, tooLow)
                : Math.max(tooLow, Math.max(p50Error(), p99Error()));
    }
}
