package io.ringfence.bench.traffic;

import io.ringfence.bench.host.Niceness;
import io.ringfence.bench.host.ThreadSwitches;
import java.util.ArrayList;
import java.util.List;

/**
 * The one polling thread of a run, which drives all stations, so that they share a clock and none waits for another's time slice.
 *
 * <p>While it runs, nobody else touches stations and flows, but for what is a {@link Count}, which any thread may read, and for the
 * session of a station that has no turns (see {@link Churn}).
 */
final class StationDriver {
    /** How long frames still on their way are waited for. */
    private static final long DRAIN_NANOS = 100_000_000L;
    /** Longer than a turn of all observed stations and one other that calls nobody, shorter than the latencies that matter here. */
    private static final long GAP_NANOS = 30_000;
    /** Longer than such a turn with its kicks, on slow hosts too. */
    private static final long LONGEST_TURN_NANOS = 100_000;
    /**
     * Where frames are only counted: longer than a whole turn of the longest frames, or the generator's own work would pass for a
     * disturbance, in slow runs more than in fast ones; shorter than what another thread takes away from it.
     */
    private static final long UNOBSERVED_GAP_NANOS = 2_000_000;
    /** Most frames a turn of a station; fewer where others wait to be observed. */
    private static final int TURN_FRAMES = 32;

    private static final int SHORT_TURN_FRAMES = 8;

    private final List<Station> stations;
    private final List<Assignment> assignments;
    private final int number;
    private final boolean yielding;
    private final int niceness;
    private final TurnWatch watch;
    private final Station[] observed;
    private final Station[] others;
    private final long warmUpNanos;
    private final long startNanos;
    private final long endNanos;
    private final int otherTurnFrames;
    private long nowNanos = System.nanoTime();

    /**
     * @param stations with their roles by the time that it drives them
     * @param assignments in their order
     * @param number of the warm-up; the run has the next
     * @param setup how it goes about it
     * @param warmUpNanos when the warm-up begins, which ends when the period begins
     */
    StationDriver(
            List<Station> stations,
            List<Assignment> assignments,
            int number,
            TrafficMain.Setup setup,
            long warmUpNanos,
            Flow.Period period) {
        this.stations = stations;
        this.assignments = assignments;
        this.number = number;
        yielding = setup.idling() == TrafficProcess.Idling.YIELD;
        niceness = setup.niceness();
        this.warmUpNanos = warmUpNanos;
        startNanos = period.startNanos();
        endNanos = period.endNanos();
        observed = select(true);
        others = select(false);
        watch = observed.length > 0
                ? new TurnWatch(GAP_NANOS, LONGEST_TURN_NANOS, new ThreadSwitches()::count)
                : new TurnWatch(UNOBSERVED_GAP_NANOS, UNOBSERVED_GAP_NANOS, () -> 0);
        otherTurnFrames = observed.length > 0 ? SHORT_TURN_FRAMES : TURN_FRAMES;
    }

    private Station[] select(boolean wanted) {
        List<Station> selected = new ArrayList<>();
        for (int i = 0; i < stations.size(); i++) {
            if (assignments.get(i).observed() == wanted) {
                selected.add(stations.get(i));
            }
        }
        return selected.toArray(Station[]::new);
    }

    /** Says when it was away from the observed stations. */
    TurnWatch watch() {
        return watch;
    }

    /** Starts the thread, which ends shortly after the period. */
    Thread start() {
        return Thread.ofPlatform().name("stations").start(this::drive);
    }

    private void drive() {
        // This thread only: were churning stations and the compiler to go first too, they would hold it up.
        if (niceness != 0) {
            Niceness.takeOn(niceness);
        }
        begin(number, warmUpNanos);
        poll(startNanos - (startNanos - warmUpNanos) / 2);
        for (int i = 0; i < stations.size(); i++) {
            if (assignments.get(i).fromSeconds() > 0) {
                stations.get(i).departFrom(endNanos);
            }
        }
        poll(startNanos);
        begin(number + 1, startNanos);
        for (int i = 0; i < stations.size(); i++) {
            stations.get(i)
                    .departFrom(startNanos + TrafficRun.nanos(assignments.get(i).fromSeconds()));
        }
        pollToTheEnd();
        for (Station station : stations) {
            station.end(endNanos);
        }
    }

    private void begin(int run, long nanos) {
        for (Station station : stations) {
            station.begin(run, nanos);
        }
        watch.begin(System.nanoTime());
    }

    private void poll(long untilNanos) {
        while (nowNanos - untilNanos < 0) {
            if (round() == 0) {
                idle();
            }
        }
    }

    /** Ends by a look that finds nothing, not by the clock alone: this thread may have been held up meanwhile. */
    private void pollToTheEnd() {
        long busyUntilNanos = endNanos;
        while (nowNanos - busyUntilNanos < DRAIN_NANOS) {
            if (round() > 0) {
                busyUntilNanos = Math.max(nowNanos, endNanos);
            } else {
                idle();
            }
        }
    }

    private int round() {
        int frames = observe();
        for (Station station : others) {
            frames += station.turn(nowNanos, endNanos, otherTurnFrames);
            frames += observe();
        }
        return frames;
    }

    private int observe() {
        long now = System.nanoTime();
        nowNanos = now;
        watch.looked(now);
        int frames = 0;
        for (Station station : observed) {
            frames += station.turn(now, endNanos, TURN_FRAMES);
        }
        return frames;
    }

    @SuppressWarnings("ThreadPriorityCheck") // the frames come from threads that share this CPU
    private void idle() {
        if (yielding) {
            Thread.yield();
        } else {
            Thread.onSpinWait();
        }
    }
}
