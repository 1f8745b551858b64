package io.ringfence.bench.demo;

import io.ringfence.bench.traffic.Latencies;
import io.ringfence.bench.traffic.Report;

/**
 * What there was to see in a part of an act.
 *
 * @param untilSeconds its end, counted from the beginning of the act
 * @param noisy whether the neighbours sent
 * @param framesPerSecond of the victim, that arrived
 * @param latencies of these
 * @param neighboursPerSecond the neighbours' frames that arrived
 */
record Sample(
        double untilSeconds, boolean noisy, double framesPerSecond, Latencies latencies, double neighboursPerSecond) {
    static Sample of(Report report, double untilSeconds, boolean noisy) {
        Report.Flow victim = report.from(DemoNetwork.VICTIM);
        long neighbours = report.flows().stream()
                .filter(flow -> DemoNetwork.isNeighbour(flow.from()))
                .mapToLong(flow -> flow.counts().received())
                .sum();
        return new Sample(
                untilSeconds,
                noisy,
                victim.counts().received() / report.seconds(),
                victim.latencies(),
                neighbours / report.seconds());
    }
}
