package io.ringfence.bench.demo;

import io.ringfence.bench.traffic.FlowCounts;
import io.ringfence.bench.traffic.Latencies;
import io.ringfence.bench.traffic.Report;
import java.util.List;

/**
 * What came of an act.
 *
 * @param worker what served the victim, as the kernel ran it
 * @param phases one without neighbours, and one with them if they came
 */
record Outcome(Act act, WorkerThread worker, List<Phase> phases) {
    Outcome {
        phases = List.copyOf(phases);
    }

    /**
     * A part of an act in which the neighbours were silent, or noisy.
     *
     * @param fromSeconds its beginning, counted from that of the act
     * @param report of the whole of it
     * @param samples the parts of it, half a second each, or longer in a long act
     */
    record Phase(boolean noisy, double fromSeconds, Report report, List<Sample> samples) {
        Phase {
            samples = List.copyOf(samples);
        }

        /** All of it. */
        Sample whole() {
            return Sample.of(report, fromSeconds + report.seconds(), noisy);
        }

        Latencies latencies() {
            return victim().latencies();
        }

        /** Whether any are left, of the whole and of its parts: not if nothing arrived, or everything met a gap of the generator. */
        boolean hasLatencies() {
            return latencies().count() > 0
                    && samples.stream().anyMatch(sample -> sample.latencies().count() > 0);
        }

        /** How long each part is. */
        double sampleSeconds() {
            return report.seconds() / Math.max(1, samples.size());
        }

        Report.Flow victim() {
            return report.from(DemoNetwork.VICTIM);
        }

        FlowCounts counts() {
            return victim().counts();
        }

        /** How far the p99 of single samples scattered. */
        Scatter scatter() {
            return Scatter.of(samples.stream()
                    .filter(sample -> sample.latencies().count() > 0)
                    .mapToLong(sample -> sample.latencies().p99Nanos())
                    .toArray());
        }
    }

    /** What it was about, as this host allowed it. */
    String title() {
        return act.title(isReserved());
    }

    /** What was to be seen. */
    String explanation() {
        return act.explanation(isReserved());
    }

    private boolean isReserved() {
        return worker.isReserved();
    }

    /** The last part: the one that the act is about. */
    Phase main() {
        return phases.getLast();
    }
}
