package io.ringfence.bench.calibrate;

import io.ringfence.dataplane.cli.output.TextTable;
import io.ringfence.dataplane.cost.CostMeasurement;
import io.ringfence.scheduler.CostDistribution;
import io.ringfence.scheduler.CostModel;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a calibration found, for the operator, and whether it is good enough to be stored. */
final class CalibrationReport {
    private final Calibration.Outcome outcome;
    private final long evictedBytes;
    private final Demand demand;

    /**
     * What a calibration must reach to be stored.
     *
     * @param tolerance how far a prediction may be off, as a fraction of what was measured
     * @param leastVisits of each kind; a p99.9 takes a thousand
     */
    record Demand(double tolerance, long leastVisits) {}

    CalibrationReport(Calibration.Outcome outcome, long evictedBytes, Demand demand) {
        this.outcome = outcome;
        this.evictedBytes = evictedBytes;
        this.demand = demand;
    }

    /** The tables; with details also every kind of visit. */
    String text(boolean details) {
        return "\n" + costs() + "\n" + check() + (details ? "\n" + visits() : "") + "\n" + circumstances();
    }

    private String costs() {
        TextTable table = new TextTable()
                .words("nanoseconds")
                .words("per")
                .numbers("p50")
                .numbers("p99")
                .numbers("p99.9");
        CostModel costs = outcome.costs();
        side(table, "transmit", costs.transmit());
        side(table, "receive", costs.receive());
        row(table, "sleep", "until kicked", costs.wakeUp().blocked());
        row(table, "", "for a set time", costs.wakeUp().paced());
        return table.toString();
    }

    private static void side(TextTable table, String name, CostModel.Side side) {
        row(table, name, "visit", side.perVisit());
        row(table, "", "frame", side.perFrame());
        row(table, "", "frame in a chain", side.perChain());
        row(table, "", "descriptor", side.perDescriptor());
        row(table, "", "byte", side.perByte());
    }

    private static void row(TextTable table, String name, String per, CostDistribution cost) {
        table.row(name, per, nanos(cost.p50Nanos()), nanos(cost.p99Nanos()), nanos(cost.p999Nanos()));
    }

    private String check() {
        TextTable table = new TextTable()
                .words("check: visits not fitted")
                .numbers("p50")
                .numbers("predicted")
                .numbers("")
                .numbers("p99")
                .numbers("predicted")
                .numbers("");
        outcome.predicted().forEach(prediction -> row(table, prediction));
        return table
                + "A prediction may be off by %.0f %%; that of handing off, which costs no more than delivery, downwards only.\n"
                        .formatted(100 * demand.tolerance());
    }

    private String visits() {
        TextTable table = new TextTable()
                .words("visits that were fitted")
                .numbers("p50")
                .numbers("fitted")
                .numbers("")
                .numbers("p99")
                .numbers("fitted")
                .numbers("")
                .numbers("p99.9");
        for (MeasuredVisit visit : outcome.fitted()) {
            Prediction fit = Prediction.of(outcome.costs(), visit);
            table.row(
                    visit.shape().toString(),
                    nanos(visit.cost().p50Nanos()),
                    nanos(fit.predicted().p50Nanos()),
                    percent(fit.p50Error()),
                    nanos(visit.cost().p99Nanos()),
                    nanos(fit.predicted().p99Nanos()),
                    percent(fit.p99Error()),
                    nanos(visit.cost().p999Nanos()));
        }
        return table.toString();
    }

    private static void row(TextTable table, Prediction prediction) {
        CostDistribution measured = prediction.measured().cost();
        table.row(
                prediction.measured().shape().toString(),
                nanos(measured.p50Nanos()),
                nanos(prediction.predicted().p50Nanos()),
                percent(prediction.p50Error()),
                nanos(measured.p99Nanos()),
                nanos(prediction.predicted().p99Nanos()),
                percent(prediction.p99Error()));
    }

    private String circumstances() {
        return String.format(
                Locale.ROOT,
                """
                %,d visits, of which %,d were interrupted (%,d us at the longest; they count with their CPU time),
                and %,d sleeps of each kind. Before each visit a neighbour touched %,d KiB and forwarded frames.
                """,
                outcome.samples(),
                outcome.interrupted(),
                outcome.longestInterruptionNanos() / 1_000,
                outcome.sleeps(),
                evictedBytes >> 10);
    }

    /** Why it is not good enough to be stored; empty if it is. */
    Optional<String> objection() {
        @Nullable String what = null;
        if (visitsOfAKind() < demand.leastVisits()) {
            what =
                    "there was time for only %d visits of each kind, and %d are needed for a p99.9: something else takes the CPUs, or --seconds is too short for this host"
                            .formatted(visitsOfAKind(), demand.leastVisits());
        } else if (worstError() > demand.tolerance()) {
            what =
                    "the model's prediction is off by %.0f %%, expected at most %.0f %%: something has disturbed the measurement"
                            .formatted(100 * worstError(), 100 * demand.tolerance());
        }
        return Optional.ofNullable(what)
                .map(reason -> reason + ". Nothing was stored; calibrate again while this host is quiet");
    }

    private long visitsOfAKind() {
        return outcome.samples()
                / (outcome.fitted().size() + outcome.predicted().size());
    }

    private double worstError() {
        return outcome.predicted().stream()
                .mapToDouble(Prediction::worstError)
                .max()
                .orElseThrow();
    }

    /** For the stored file. */
    CostMeasurement.Circumstances circumstances(int cpu) {
        return new CostMeasurement.Circumstances(
                cpu, outcome.samples(), outcome.interrupted(), evictedBytes, worstError());
    }

    private static String nanos(double nanos) {
        return String.format(Locale.ROOT, nanos < 10 ? "%.2f" : "%,.0f", nanos);
    }

    private static String percent(double fraction) {
        return String.format(Locale.ROOT, "%+.0f %%", 100 * fraction);
    }
}
