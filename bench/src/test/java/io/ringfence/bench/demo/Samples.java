package io.ringfence.bench.demo;

import io.ringfence.bench.demo.Outcome.Phase;
import io.ringfence.bench.traffic.FlowCounts;
import io.ringfence.bench.traffic.Latencies;
import io.ringfence.bench.traffic.Report;
import io.ringfence.bench.traffic.Schedule;
import io.ringfence.scheduler.SchedulingAttributes;
import io.ringfence.scheduler.SchedulingAttributes.Policy;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** Outcomes made up for tests. */
final class Samples {
    static final long MICRO_NANOS = 1_000;

    private Samples() {}

    static Latencies latencies(long p50Micros, long p99Micros) {
        long p99 = p99Micros * MICRO_NANOS;
        return new Latencies(2_500, p50Micros * MICRO_NANOS, p99, p99, p99, 10 * p99);
    }

    static Sample sample(double untilSeconds, boolean noisy, long p99Micros) {
        return sample(untilSeconds, noisy, latencies(20, p99Micros));
    }

    private static Sample sample(double untilSeconds, boolean noisy, Latencies latencies) {
        return new Sample(untilSeconds, noisy, 5_000, latencies, noisy ? 100_000 : 0);
    }

    /** Without any latency: every frame met a gap of the generator. */
    static Sample unmeasured(double untilSeconds, boolean noisy) {
        return sample(untilSeconds, noisy, Latencies.of(new Histogram(3)));
    }

    /** A second in two samples, with the p99 of each; that of the whole is the higher one. */
    static Phase phase(boolean noisy, long p50Micros, long lost, long... p99Micros) {
        List<Sample> samples = new ArrayList<>();
        long highest = 0;
        for (long p99 : p99Micros) {
            samples.add(sample(0.5 * (samples.size() + 1), noisy, p99));
            highest = Math.max(highest, p99);
        }
        FlowCounts counts = new FlowCounts(5_000, 0, 0, 5_000 - lost, 5_000 - lost, 0, lost, 0, 0, 0);
        return phase(noisy, counts, latencies(p50Micros, highest), samples);
    }

    /** The same, but so long, and each of its samples with it. */
    static Phase lasting(double seconds, Phase phase) {
        Report report = phase.report();
        return new Phase(
                phase.noisy(),
                phase.fromSeconds(),
                new Report(report.whole(), seconds, report.flows(), report.operations(), report.schedule()),
                phase.samples());
    }

    /** A second without any latency. */
    static Phase unmeasured(boolean noisy) {
        List<Sample> samples = List.of(unmeasured(0.5, noisy), unmeasured(1, noisy));
        FlowCounts counts = new FlowCounts(5_000, 0, 0, 5_000, 5_000, 0, 0, 0, 0, 5_000);
        return phase(noisy, counts, Latencies.of(new Histogram(3)), samples);
    }

    private static Phase phase(boolean noisy, FlowCounts counts, Latencies latencies, List<Sample> samples) {
        long flooded = noisy ? 100_000 : 0;
        FlowCounts flood = new FlowCounts(100_000, 0, 0, flooded, flooded, 0, 0, 0, 0, 0);
        Report report = new Report(
                true,
                1,
                List.of(
                        new Report.Flow("victim", "receiver", counts, latencies, new Histogram(3), List.of()),
                        new Report.Flow("neighbour-1", "sink", flood, latencies(0, 0), new Histogram(3), List.of())),
                List.of(),
                new Schedule(0, 0, 0));
        return new Phase(noisy, 0, report, samples);
    }

    static Outcome outcome(Act act, Policy policy, Phase... phases) {
        return new Outcome(
                act,
                new WorkerThread("worker-victim", "1", new SchedulingAttributes(policy, true, false, 0, 0, 0, 0)),
                List.of(phases));
    }
}
