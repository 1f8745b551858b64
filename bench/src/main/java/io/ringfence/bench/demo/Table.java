package io.ringfence.bench.demo;

import io.ringfence.bench.traffic.FlowCounts;
import io.ringfence.bench.traffic.Latencies;
import io.ringfence.bench.traffic.Report;

/** The lines of an act, no wider than 80 columns: a second each, and one for all of it. */
final class Table {
    private static final String ROUND_TRIPS = "%6s %9s %9s %8s %8s %8s %8s %8s %7s";
    private static final String THROUGHPUT = "%6s %14s %14s %12s %12s %9s";

    private final Act act;
    private double elapsedSeconds;

    Table(Act act) {
        this.act = act;
    }

    /** Two lines that name the columns. */
    String heading() {
        return act.roundTrips()
                ? ROUND_TRIPS.formatted("", "requests", "answers", "", "round", "trip", "", "", "budget")
                        + "\n"
                        + ROUND_TRIPS.formatted("time", "/s", "/s", "p50", "p99", "p99.9", "max", "lost", "spent")
                : THROUGHPUT.formatted("", "alice to bob", "bob to alice", "both", "", "budget")
                        + "\n"
                        + THROUGHPUT.formatted("time", "frames/s", "frames/s", "Gbit/s", "lost", "spent");
    }

    /** The line of the interval that has just ended. */
    String interval(Report report, long yields) {
        elapsedSeconds += report.seconds();
        FlowCounts alice = report.from(DemoConfiguration.ALICE).counts();
        FlowCounts bob = report.from(DemoConfiguration.BOB).counts();
        // What is on its way at the end of an interval is not lost: only gaps count here.
        return row("%.0f s".formatted(elapsedSeconds), report, Math.max(0, alice.missing() + bob.missing()), yields);
    }

    /** The line of the whole act. */
    String whole(Report report, long yields) {
        return row("all", report, lost(report), yields);
    }

    /** Frames that were sent and have not arrived. */
    static long lost(Report report) {
        return report.flows().stream().mapToLong(flow -> flow.counts().lost()).sum();
    }

    private String row(String time, Report report, long lost, long yields) {
        Report.Flow alice = report.from(DemoConfiguration.ALICE);
        Report.Flow bob = report.from(DemoConfiguration.BOB);
        long toAlice = bob.counts().received();
        long toBob = alice.counts().received();
        double seconds = report.seconds();
        if (!act.roundTrips()) {
            return THROUGHPUT.formatted(
                    time,
                    Quantity.rate(toBob, seconds),
                    Quantity.rate(toAlice, seconds),
                    Quantity.gigabits(toAlice + toBob, act.lengthBytes(), seconds),
                    Quantity.count(lost),
                    Quantity.count(yields));
        }
        Latencies trips = bob.latencies();
        return ROUND_TRIPS.formatted(
                time,
                Quantity.rate(alice.counts().sent(), seconds),
                Quantity.rate(toAlice, seconds),
                Quantity.time(trips.p50Nanos()),
                Quantity.time(trips.p99Nanos()),
                Quantity.time(trips.p999Nanos()),
                Quantity.time(trips.maxNanos()),
                Quantity.count(lost),
                Quantity.count(yields));
    }
}
