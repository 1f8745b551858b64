package io.ringfence.bench.isolation;

import io.ringfence.bench.isolation.IsolationResult.Measured;
import io.ringfence.bench.isolation.IsolationResult.Pair;
import io.ringfence.bench.isolation.IsolationResult.Round;
import io.ringfence.bench.peer.PeerException;
import io.ringfence.bench.peer.Place;
import io.ringfence.bench.traffic.TrafficException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The rounds of one variant: each starts it anew, and measures the victim without and with each aggressor. */
final class IsolationTrial {
    private final Variant variant;
    private final Options options;
    private final Place place;

    /**
     * What a run is.
     *
     * @param seconds how long it is
     * @param framesPerSecond what the victim sends
     */
    record Run(double seconds, int framesPerSecond) {}

    /** What is to be measured. */
    record Options(Run run, List<Aggressor> aggressors) {
        Options {
            aggressors = List.copyOf(aggressors);
        }
    }

    /** For those of the aggressors that are possible with this variant. */
    IsolationTrial(Variant variant, Options options, Place place) {
        this.variant = variant;
        this.options = new Options(
                options.run(),
                options.aggressors().stream().filter(variant.launch()::allows).toList());
        this.place = place;
    }

    /** Measures one round. */
    Round run() throws InterruptedException {
        Optional<String> obstacle = variant.obstacle();
        if (obstacle.isPresent()) {
            return new Round(List.of(), List.of(), obstacle.get());
        }
        List<Pair> pairs = new ArrayList<>();
        List<Onset> onsets = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        for (Company company :
                options.aggressors().stream().map(Aggressor::company).distinct().toList()) {
            try {
                failures.add(run(company, pairs, onsets));
            } catch (PeerException | TrafficException failure) {
                failures.add(String.valueOf(failure.getMessage()));
            }
        }
        failures.removeIf(String::isEmpty);
        return new Round(pairs, onsets, String.join("; ", failures));
    }

    /** All aggressors of a company in turn, then once more, the other way round; returns what failed, or nothing. */
    private String run(Company company, List<Pair> pairs, List<Onset> onsets) throws InterruptedException {
        List<Aggressor> aggressors = options.aggressors().stream()
                .filter(aggressor -> aggressor.company().equals(company))
                .toList();
        List<Aggressor> coming = aggressors.stream()
                .filter(aggressor -> aggressor != Aggressor.GARBAGE)
                .toList();
        List<Measured> alone = new ArrayList<>();
        try (Testbed testbed = new Testbed(variant.launch(), place, company, options.run())) {
            testbed.warmUp(aggressors.stream()
                    .map(IsolationTrial::warmUpFor)
                    .distinct()
                    .toList());
            for (Aggressor aggressor : coming) {
                // First: what the switch was not warmed up for, it meets here.
                if (aggressor.isVm()) {
                    onsets.add(testbed.onset(aggressor));
                }
                pairs.add(testbed.pair(aggressor, false));
            }
            for (Aggressor aggressor : coming.reversed()) {
                pairs.add(testbed.pair(aggressor, true));
            }
            if (aggressors.contains(Aggressor.GARBAGE)) {
                alone.add(testbed.measure(Aggressor.NONE));
                alone.add(testbed.measure(Aggressor.NONE));
            }
            if (!testbed.failure().isEmpty()) {
                return testbed.failure();
            }
        }
        return alone.isEmpty() ? "" : spoil(company, alone, pairs);
    }

    /** No switch has been warmed up by the odd frames of the guest that will send some. */
    private static Aggressor warmUpFor(Aggressor aggressor) {
        return aggressor == Aggressor.ODD ? Aggressor.NONE : aggressor;
    }

    /** The aggressor that is in the switch from its start to its end: another process, after the one without it. */
    private String spoil(Company company, List<Measured> alone, List<Pair> pairs) throws InterruptedException {
        Launch spoilt = variant.launch().with(Aggressor.GARBAGE);
        try (Testbed testbed = new Testbed(spoilt, place, company, options.run())) {
            testbed.warmUp(List.of(Aggressor.GARBAGE));
            for (Measured without : alone) {
                pairs.add(new Pair(Aggressor.GARBAGE, without, testbed.measure(Aggressor.GARBAGE)));
            }
            return testbed.failure();
        }
    }
}
