package io.ringfence.bench.isolation;

import io.ringfence.bench.isolation.IsolationResult.Measured;
import io.ringfence.bench.isolation.IsolationResult.Pair;
import io.ringfence.bench.isolation.IsolationResult.Round;
import io.ringfence.bench.peer.PeerException;
import io.ringfence.bench.peer.SwitchProcess;
import io.ringfence.bench.traffic.Role;
import io.ringfence.bench.traffic.RunPlan;
import io.ringfence.bench.traffic.TrafficException;
import io.ringfence.bench.traffic.TrafficProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The rounds of one variant: each starts it anew, and measures the victim without and with each aggressor. */
final class IsolationTrial {
    /** What the victim sends: open loop, one way. */
    static final Role.Stream STREAM = new Role.Stream(20_000, 64);

    /** Before each run: until the queues are as the aggressor makes them. */
    private static final double LEAD_SECONDS = 0.15;
    /** How often each aggressor acts before anything is measured. */
    private static final int WARM_UPS = 2;

    private static final double WARM_UP_SECONDS = 0.2;
    private static final int COMPILE_MILLIS = 200;

    private final Variant variant;
    private final Options options;
    private final Launch.Place place;

    /** What is to be measured. */
    record Options(double seconds, List<Aggressor> aggressors) {
        Options {
            aggressors = List.copyOf(aggressors);
        }
    }

    /** For those of the aggressors that are possible with this variant. */
    IsolationTrial(Variant variant, Options options, Launch.Place place) {
        this.variant = variant;
        this.options = new Options(
                options.seconds(),
                options.aggressors().stream().filter(variant.launch()::allows).toList());
        this.place = place;
    }

    /** Measures one round: all aggressors in turn, then once more, the other way round. */
    Round run() throws InterruptedException {
        Optional<String> obstacle = variant.obstacle();
        if (obstacle.isPresent()) {
            return new Round(List.of(), List.of(), obstacle.get());
        }
        List<Pair> pairs = new ArrayList<>();
        List<Onset> onsets = new ArrayList<>();
        List<Measured> alone = new ArrayList<>();
        try {
            String failure = run(pairs, onsets, alone);
            if (!alone.isEmpty() && failure.isEmpty()) {
                failure = spoil(alone, pairs);
            }
            return new Round(pairs, onsets, failure);
        } catch (PeerException | TrafficException failure) {
            return new Round(pairs, onsets, String.valueOf(failure.getMessage()));
        }
    }

    /** Those aggressors that can come and go; returns what failed, empty if nothing did. */
    private String run(List<Pair> pairs, List<Onset> onsets, List<Measured> alone) throws InterruptedException {
        List<Aggressor> coming = options.aggressors().stream()
                .filter(aggressor -> aggressor != Aggressor.GARBAGE)
                .toList();
        try (SwitchProcess process = variant.launch().start(place);
                TrafficProcess generator = TrafficProcess.startOn(place.loadCpu(), Guest.endpoints(place.folder()))) {
            warmUp(process, generator);
            for (Aggressor aggressor : coming) {
                variant.launch().prepare(process, aggressor);
                pairs.add(pair(generator, aggressor, false));
                if (aggressor.isVm()) {
                    onsets.add(onset(generator, aggressor));
                }
            }
            for (Aggressor aggressor : coming.reversed()) {
                variant.launch().prepare(process, aggressor);
                pairs.add(pair(generator, aggressor, true));
            }
            if (options.aggressors().contains(Aggressor.GARBAGE)) {
                alone.add(measure(generator, Aggressor.NONE));
                alone.add(measure(generator, Aggressor.NONE));
            }
            return end(process);
        }
    }

    /** The aggressor that is in the switch from its start to its end: another process, after the one without it. */
    private String spoil(List<Measured> alone, List<Pair> pairs) throws InterruptedException {
        try (SwitchProcess process = variant.launch().with(Aggressor.GARBAGE).start(place);
                TrafficProcess generator = TrafficProcess.startOn(place.loadCpu(), Guest.endpoints(place.folder()))) {
            warmUp(process, generator);
            for (Measured without : alone) {
                pairs.add(new Pair(Aggressor.GARBAGE, without, measure(generator, Aggressor.GARBAGE)));
            }
            return end(process);
        }
    }

    private static String end(SwitchProcess process) {
        return process.isAlive() ? "" : "it has ended: " + process.output();
    }

    /** Has both JVMs compile what the runs need, which takes time on the CPU that the generator keeps busy. */
    private void warmUp(SwitchProcess process, TrafficProcess generator) throws InterruptedException {
        for (int i = 0; i < WARM_UPS; i++) {
            for (Aggressor aggressor : options.aggressors()) {
                variant.launch().prepare(process, aggressor);
                generator.run(RunPlan.of(0, WARM_UP_SECONDS, aggressor.assignments(STREAM)));
                TimeUnit.MILLISECONDS.sleep(COMPILE_MILLIS);
            }
        }
    }

    private Pair pair(TrafficProcess generator, Aggressor aggressor, boolean aggressorFirst) {
        if (aggressorFirst) {
            Measured with = measure(generator, aggressor);
            return new Pair(aggressor, measure(generator, Aggressor.NONE), with);
        }
        Measured without = measure(generator, Aggressor.NONE);
        return new Pair(aggressor, without, measure(generator, aggressor));
    }

    /** The victim alone, and then the aggressor starts, for as long each as in a pair. */
    private Onset onset(TrafficProcess generator, Aggressor aggressor) {
        double start = options.seconds();
        RunPlan plan = RunPlan.of(LEAD_SECONDS, 2 * start, aggressor.assignments(STREAM, start))
                .withSlices(Onset.WINDOW_SECONDS);
        return Onset.of(aggressor, start, generator.run(plan));
    }

    private Measured measure(TrafficProcess generator, Aggressor aggressor) {
        RunPlan plan = RunPlan.of(LEAD_SECONDS, options.seconds(), aggressor.assignments(STREAM));
        if (aggressor != Aggressor.HOGS) {
            return Measured.of(generator.run(plan));
        }
        try (Hogs hogs = Hogs.start(place.switchCpu(), options.seconds())) {
            return Measured.of(generator.run(plan)).and(hogs.outcome());
        }
    }
}
