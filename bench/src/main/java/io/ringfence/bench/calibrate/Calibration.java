package io.ringfence.bench.calibrate;

import io.ringfence.bench.calibrate.VisitShape.Layout;
import io.ringfence.scheduler.CostModel;
import io.ringfence.scheduler.HousekeepingAffinity;
import io.ringfence.scheduler.NativeThread;
import io.ringfence.scheduler.ThreadScheduling;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Measures the costs of packet work: worker's code on one CPU, guests on another, and between two visits a neighbour that
 * leaves the caches cold. In rounds: each measures one visit of every shape, in random order, so that what the host does
 * for some seconds disturbs all of them alike.
 */
final class Calibration {
    /** Parts of the whole time. */
    private static final double WARM_UP = 0.2;

    private static final double SLEEPS = 0.1;

    private final int cpu;
    private final double seconds;
    private final long evictedBytes;
    private final Progress progress;
    private final Stopwatch stopwatch = new Stopwatch();

    /**
     * What was found out.
     *
     * @param costs the model
     * @param fitted the visits that it explains
     * @param predicted the visits that it predicts
     * @param samples how many visits were measured
     * @param interrupted how many of them were interrupted
     * @param longestInterruptionNanos the longest interruption
     * @param sleeps how many sleeps of each kind were measured
     */
    record Outcome(
            CostModel costs,
            List<MeasuredVisit> fitted,
            List<Prediction> predicted,
            long samples,
            long interrupted,
            long longestInterruptionNanos,
            long sleeps) {}

    /**
     * @param cpu where the worker's code runs
     * @param seconds how long all of it takes
     * @param evictedBytes memory that the neighbour touches before each visit
     */
    Calibration(int cpu, double seconds, long evictedBytes, Progress progress) {
        this.cpu = cpu;
        this.seconds = seconds;
        this.evictedBytes = evictedBytes;
        this.progress = progress;
    }

    /**
     * Measures; the other threads of this process stay off the CPU meanwhile.
     *
     * @throws io.ringfence.scheduler.SchedulingRefusedException if the CPU cannot be had, or is the only one
     */
    Outcome run() throws InterruptedException {
        BitSet measured = new BitSet();
        measured.set(cpu);
        HousekeepingAffinity.excludeCpus(measured);
        try {
            FutureTask<Outcome> task = new FutureTask<>(this::measure);
            Thread.ofPlatform().name("calibrate-worker").daemon().start(task);
            return task.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } finally {
            HousekeepingAffinity.release();
        }
    }

    private Outcome measure() throws IOException {
        Map<List<Layout>, GuestPair> pairs = new HashMap<>();
        try (GuestThread guests = new GuestThread();
                Neighbour neighbour = new Neighbour(evictedBytes)) {
            ThreadScheduling.pin(NativeThread.currentId(), cpu);
            NativeThread.setTimerSlack(1);
            List<VisitProbe> fitted = probes(Shapes.fitted(), pairs, neighbour);
            List<VisitProbe> predicted = probes(Shapes.predicted(), pairs, neighbour);
            List<VisitProbe> all =
                    Stream.concat(fitted.stream(), predicted.stream()).toList();
            rounds("warming up", all, guests, WARM_UP * seconds);
            stopwatch.calibrate();
            all.forEach(VisitProbe::forget);
            stopwatch.forget();
            rounds("visits", all, guests, (1 - WARM_UP - SLEEPS) * seconds);
            long interrupted = stopwatch.interruptions();
            long longest = stopwatch.longestInterruptionNanos();
            SleepProbe sleeps = sleeps(neighbour, guests);
            return outcome(fitted, predicted, sleeps, interrupted, longest);
        } finally {
            pairs.values().forEach(GuestPair::close);
        }
    }

    private List<VisitProbe> probes(List<VisitShape> shapes, Map<List<Layout>, GuestPair> pairs, Neighbour neighbour)
            throws IOException {
        List<VisitProbe> probes = new ArrayList<>();
        for (VisitShape shape : shapes) {
            List<Layout> layouts =
                    shape.transmits() ? List.of(shape.layout(), Layout.PLAIN) : List.of(Layout.PLAIN, shape.layout());
            @Nullable GuestPair pair = pairs.get(layouts);
            if (pair == null) {
                pair = GuestPair.create(layouts.getFirst(), layouts.getLast());
                pairs.put(layouts, pair);
            }
            probes.add(new VisitProbe(shape, pair, neighbour, stopwatch));
        }
        return probes;
    }

    private void rounds(String phase, List<VisitProbe> probes, GuestThread guests, double phaseSeconds) {
        Random order = new Random(phase.hashCode());
        List<VisitProbe> shuffled = new ArrayList<>(probes);
        long untilNanos = progress.begin(phase, phaseSeconds);
        do {
            Collections.shuffle(shuffled, order);
            for (VisitProbe probe : shuffled) {
                probe.measure(guests);
            }
        } while (System.nanoTime() - untilNanos < 0);
    }

    private SleepProbe sleeps(Neighbour neighbour, GuestThread guests) throws IOException {
        try (SleepProbe probe = new SleepProbe(cpu, neighbour, stopwatch)) {
            for (double part : new double[] {0.3, 0.7}) {
                probe.forget(); // the first part warms up
                long untilNanos = progress.begin("sleeps", part * SLEEPS * seconds);
                do {
                    probe.measure(guests);
                } while (System.nanoTime() - untilNanos < 0);
            }
            return probe;
        }
    }

    private static Outcome outcome(
            List<VisitProbe> fitted, List<VisitProbe> predicted, SleepProbe sleeps, long interrupted, long longest) {
        List<MeasuredVisit> visits = fitted.stream().map(VisitProbe::result).toList();
        CostModel costs = new CostModel(
                CostFit.fit(visits.stream().filter(v -> v.shape().transmits()).toList()),
                CostFit.fit(visits.stream().filter(v -> !v.shape().transmits()).toList()),
                sleeps.cost());
        return new Outcome(
                costs,
                visits,
                predicted.stream()
                        .map(probe -> Prediction.of(costs, probe.result()))
                        .toList(),
                Stream.concat(fitted.stream(), predicted.stream())
                        .mapToLong(VisitProbe::count)
                        .sum(),
                interrupted,
                longest,
                sleeps.count());
    }
}
