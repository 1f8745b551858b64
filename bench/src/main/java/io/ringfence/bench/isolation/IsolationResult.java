package io.ringfence.bench.isolation;

import io.ringfence.bench.report.TimedRun;
import io.ringfence.bench.traffic.FlowCounts;
import io.ringfence.bench.traffic.Report;
import io.ringfence.dataplane.cost.HostIdentity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * All that a run of the benchmark measured; stored as JSON.
 *
 * @param rounds how often each variant was measured, in turn
 * @param seconds how long each time, without an aggressor and with it
 * @param framesPerSecond what the victim sent
 */
record IsolationResult(
        Instant startedAt,
        HostIdentity host,
        int rounds,
        double seconds,
        int framesPerSecond,
        List<VariantResult> variants) {
    private static final double DISCARDED_LIMIT = 0.5;

    IsolationResult {
        variants = List.copyOf(variants);
    }

    /** One variant's rounds. */
    record VariantResult(Variant variant, List<Round> rounds) {
        VariantResult {
            rounds = List.copyOf(rounds);
        }

        /** What one aggressor did, by round; none in a round that could not be measured. */
        List<Pair> pairs(Aggressor aggressor) {
            return rounds.stream()
                    .flatMap(round -> round.pairs().stream())
                    .filter(pair -> pair.aggressor() == aggressor)
                    .toList();
        }

        /** What the start of an aggressor did, by round. */
        List<Onset> onsets(Aggressor aggressor) {
            return rounds.stream()
                    .flatMap(round -> round.onsets().stream())
                    .filter(onset -> onset.aggressor() == aggressor)
                    .toList();
        }

        /** Why rounds could not be measured. */
        List<String> failures() {
            return rounds.stream()
                    .map(Round::failure)
                    .filter(failure -> !failure.isEmpty())
                    .distinct()
                    .toList();
        }
    }

    /**
     * One round of one variant.
     *
     * @param onsets runs in which aggressors start
     * @param failure why it could not be measured, or not to its end; empty if it was
     */
    record Round(List<Pair> pairs, List<Onset> onsets, String failure) {
        Round {
            pairs = List.copyOf(pairs);
            onsets = List.copyOf(onsets);
        }
    }

    /** The victim without the aggressor and with it, one right after the other. */
    record Pair(Aggressor aggressor, Measured without, Measured with) {}

    /**
     * One run.
     *
     * @param nanoseconds the victim's latencies
     * @param counts of the victim's frames
     * @param neighboursPerSecond frames that the neighbours sent and that arrived, a second
     * @param operations what they did beside sending, and what failed of it
     * @param disturbances what speaks against the run
     */
    record Measured(
            double seconds,
            Histogram nanoseconds,
            FlowCounts counts,
            double neighboursPerSecond,
            List<Report.Operations> operations,
            List<String> disturbances)
            implements TimedRun {
        Measured {
            operations = List.copyOf(operations);
            disturbances = List.copyOf(disturbances);
        }

        /** Takes from a report what counts here. */
        static Measured of(Report report) {
            Report.Flow victim = report.from(Company.VICTIM);
            long neighbours = report.flows().stream()
                    .filter(flow -> !flow.from().equals(victim.from()))
                    .mapToLong(flow -> flow.counts().received())
                    .sum();
            return new Measured(
                    report.seconds(),
                    victim.histogram(),
                    victim.counts(),
                    neighbours / report.seconds(),
                    report.operations(),
                    disturbances(report, victim.counts()));
        }

        /** The same with what something outside of the generator did. */
        Measured and(Report.Operations others) {
            List<Report.Operations> all = new ArrayList<>(operations);
            all.add(others);
            return new Measured(seconds, nanoseconds, counts, neighboursPerSecond, all, disturbances);
        }

        /** Frames that are long on their way are the likeliest to meet a gap: too many left out, and the rest flatters. */
        private static List<String> disturbances(Report report, FlowCounts counts) {
            List<String> found = new ArrayList<>(report.disturbances());
            if (counts.discarded() > DISCARDED_LIMIT * counts.received()) {
                found.add(String.format(
                        Locale.ROOT,
                        "%.1f %% of the latencies overlapped gaps of the generator (limit %.0f %%)",
                        100.0 * counts.discarded() / counts.received(),
                        100 * DISCARDED_LIMIT));
            }
            return found;
        }

        /** The victim's frames that arrived before the end of the run, a second: not those that came late. */
        double goodput() {
            return counts.inTime() / seconds;
        }
    }
}
