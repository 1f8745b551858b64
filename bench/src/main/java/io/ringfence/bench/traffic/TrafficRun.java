package io.ringfence.bench.traffic;

import io.ringfence.bench.host.Niceness;
import io.ringfence.bench.host.StealTime;
import io.ringfence.config.MacAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One run of all stations of a process, driven by one polling thread, so that all of them share a clock and none waits
 * for another's time slice.
 */
final class TrafficRun {
    /** How long frames still on their way are waited for. */
    private static final long DRAIN_NANOS = 100_000_000L;
    /** Long enough for the thread to be up before the first frame is due. */
    private static final long LEAD_NANOS = 5_000_000L;
    /** Longer than a turn of all observed stations and one other, shorter than the latencies that matter here. */
    private static final long GAP_NANOS = 30_000;
    /**
     * Where frames are only counted: longer than a whole turn of the longest frames, or the generator's own work would pass for a
     * disturbance, in slow runs more than in fast ones; shorter than what another thread takes away from it.
     */
    private static final long UNOBSERVED_GAP_NANOS = 2_000_000;
    /** Most frames a turn of a station; fewer where others wait to be observed. */
    private static final int TURN_FRAMES = 32;

    private static final int SHORT_TURN_FRAMES = 8;

    private final List<Station> stations;
    private final RunPlan plan;
    private final int number;
    private final boolean yielding;
    private final int niceness;
    private final TurnWatch watch;
    private final List<Flow> flows = new ArrayList<>();
    private final Station[] observed;
    private final Station[] others;
    private final long warmUpNanos;
    private final long startNanos;
    private final long endNanos;
    private final int otherTurnFrames;
    private long reportedNanos;
    private long nowNanos = System.nanoTime();

    /**
     * Gives every station its role.
     *
     * @param number different from that of the runs before, and even
     * @param setup how the driver goes about it
     */
    TrafficRun(List<Station> stations, RunPlan plan, int number, TrafficMain.Setup setup) {
        if (plan.assignments().size() != stations.size()) {
            throw new IllegalArgumentException(
                    "roles=%d stations=%d".formatted(plan.assignments().size(), stations.size()));
        }
        this.stations = stations;
        this.plan = plan;
        this.number = number;
        yielding = setup.idling() == TrafficProcess.Idling.YIELD;
        niceness = setup.niceness();
        warmUpNanos = System.nanoTime() + LEAD_NANOS;
        startNanos = warmUpNanos + nanos(plan.warmUpSeconds());
        endNanos = startNanos + nanos(plan.seconds());
        reportedNanos = startNanos;
        observed = select(true);
        others = select(false);
        watch = new TurnWatch(observed.length > 0 ? GAP_NANOS : UNOBSERVED_GAP_NANOS);
        otherTurnFrames = observed.length > 0 ? SHORT_TURN_FRAMES : TURN_FRAMES;
        createFlows();
        for (int i = 0; i < stations.size(); i++) {
            stations.get(i).prepare(plan.assignments().get(i), i, flows, watch);
        }
    }

    private static long nanos(double seconds) {
        return (long) (seconds * 1e9);
    }

    private void createFlows() {
        Flow.Period period = new Flow.Period(startNanos, endNanos);
        for (int i = 0; i < stations.size(); i++) {
            Station sender = stations.get(i);
            @Nullable Station receiver = null;
            boolean measured = false;
            MacAddress peer = plan.assignments().get(i).peerOf(sender.endpoint());
            for (int j = 0; j < stations.size(); j++) {
                if (stations.get(j).endpoint().mac().equals(peer)) {
                    receiver = stations.get(j);
                    measured = plan.assignments().get(i).observed()
                            && plan.assignments().get(j).observed();
                }
            }
            @Nullable
            Timeline timeline = measured
                    ? new Timeline(
                            nanos(plan.seconds()),
                            nanos(plan.sliceSeconds()),
                            dueEvenly(plan.assignments().get(i)))
                    : null;
            int perSecond = Station.rate(plan.assignments().get(i).role());
            flows.add(new Flow(i, sender.name(), receiver, watch, period, perSecond, timeline));
        }
    }

    /** How many frames are due a second, at times fixed from the beginning of the run on; 0 if it is not so. */
    private static int dueEvenly(Assignment assignment) {
        return assignment.role() instanceof Role.Stream stream && assignment.fromSeconds() == 0
                ? stream.perSecond()
                : 0;
    }

    private Station[] select(boolean wanted) {
        List<Station> selected = new ArrayList<>();
        for (int i = 0; i < stations.size(); i++) {
            if (plan.assignments().get(i).observed() == wanted) {
                selected.add(stations.get(i));
            }
        }
        return selected.toArray(Station[]::new);
    }

    /** Runs to the end; reports go to the consumer, on this thread, the last one of the whole run. */
    void run(Consumer<Report> reports) throws InterruptedException {
        long stolenMillis = StealTime.readMillis();
        Thread driver = Thread.ofPlatform().name("stations").start(this::drive);
        List<Churn> churns = startChurns();
        long interval = nanos(plan.intervalSeconds());
        for (long at = startNanos + interval; interval > 0 && at <= endNanos; at += interval) {
            TimeUnit.NANOSECONDS.sleep(at - System.nanoTime());
            reports.accept(interval(System.nanoTime()));
        }
        driver.join();
        List<Report.Operations> operations = operations(churns);
        reports.accept(whole(operations, StealTime.readMillis() - stolenMillis));
    }

    private List<Churn> startChurns() {
        List<Churn> churns = new ArrayList<>();
        for (int i = 0; i < stations.size(); i++) {
            Assignment assignment = plan.assignments().get(i);
            Station station = stations.get(i);
            long from = startNanos + nanos(assignment.fromSeconds());
            switch (assignment.role()) {
                case Role.Reattach reattach ->
                    churns.add(Churn.ofSessions(station, reattach.perSecond(), from, endNanos));
                case Role.Remap remap -> churns.add(Churn.ofMemoryTable(station, remap.perSecond(), from, endNanos));
                default -> {}
            }
        }
        return churns;
    }

    private List<Report.Operations> operations(List<Churn> churns) throws InterruptedException {
        List<Report.Operations> operations = new ArrayList<>();
        int next = 0;
        for (int i = 0; i < stations.size(); i++) {
            Station station = stations.get(i);
            boolean churned = plan.assignments().get(i).role() instanceof Role.Reattach
                    || plan.assignments().get(i).role() instanceof Role.Remap;
            List<String> failed = churned ? churns.get(next++).await() : List.of();
            if (churned || station.operations().read() > 0) {
                operations.add(new Report.Operations(
                        station.name(), station.operations().read(), failed));
            }
        }
        return operations;
    }

    private void drive() {
        // This thread only: were churning stations and the compiler to go first too, they would hold it up.
        if (niceness != 0) {
            Niceness.takeOn(niceness);
        }
        begin(number, warmUpNanos);
        poll(startNanos - (startNanos - warmUpNanos) / 2);
        for (int i = 0; i < stations.size(); i++) {
            if (plan.assignments().get(i).fromSeconds() > 0) {
                stations.get(i).departFrom(endNanos);
            }
        }
        poll(startNanos);
        begin(number + 1, startNanos);
        for (int i = 0; i < stations.size(); i++) {
            stations.get(i)
                    .departFrom(startNanos + nanos(plan.assignments().get(i).fromSeconds()));
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
        watch.turn(now);
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

    private Report interval(long atNanos) {
        double seconds = (atNanos - reportedNanos) / 1e9;
        reportedNanos = atNanos;
        return new Report(false, seconds, flows.stream().map(Flow::interval).toList(), List.of(), schedule(0));
    }

    private Report whole(List<Report.Operations> operations, long stolenMillis) {
        return new Report(
                true, plan.seconds(), flows.stream().map(Flow::whole).toList(), operations, schedule(stolenMillis));
    }

    private Schedule schedule(long stolenMillis) {
        long strays = stations.stream().mapToLong(Station::strays).sum();
        return new Schedule(watch.gapNanos(), strays, stolenMillis);
    }
}
