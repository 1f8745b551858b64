package io.ringfence.bench.traffic;

import io.ringfence.bench.host.StealTime;
import io.ringfence.config.MacAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One run of all stations of a process: who sends what to whom, and the reports of it.
 *
 * <p>The thread that calls {@link #run} only sleeps and reads counts; frames are the {@link StationDriver}'s, and sessions that
 * come and go those of a {@link Churn}.
 */
final class TrafficRun {
    /** Long enough for the thread to be up before the first frame is due. */
    private static final long LEAD_NANOS = 5_000_000L;

    private final List<Station> stations;
    private final RunPlan plan;
    private final StationDriver driver;
    private final List<Flow> flows = new ArrayList<>();
    private final long startNanos;
    private final long endNanos;
    private long reportedNanos;

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
        long warmUpNanos = System.nanoTime() + LEAD_NANOS;
        startNanos = warmUpNanos + nanos(plan.warmUpSeconds());
        endNanos = startNanos + nanos(plan.seconds());
        reportedNanos = startNanos;
        Flow.Period period = new Flow.Period(startNanos, endNanos);
        driver = new StationDriver(stations, plan.assignments(), number, setup, warmUpNanos, period);
        createFlows(period);
        for (int i = 0; i < stations.size(); i++) {
            stations.get(i).prepare(plan.assignments().get(i), i, flows, driver.watch());
        }
    }

    static long nanos(double seconds) {
        return (long) (seconds * 1e9);
    }

    private void createFlows(Flow.Period period) {
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
            flows.add(new Flow(i, sender.name(), receiver, driver.watch(), period, perSecond, timeline));
        }
    }

    /** How many frames are due a second, at times fixed from the beginning of the run on; 0 if it is not so. */
    private static int dueEvenly(Assignment assignment) {
        return assignment.role() instanceof Role.Stream stream && assignment.fromSeconds() == 0
                ? stream.perSecond()
                : 0;
    }

    /** Runs to the end; reports go to the consumer, on this thread, the last one of the whole run. */
    void run(Consumer<Report> reports) throws InterruptedException {
        long stolenMillis = StealTime.readMillis();
        Thread driving = driver.start();
        List<Churn> churns = startChurns();
        long interval = nanos(plan.intervalSeconds());
        for (long at = startNanos + interval; interval > 0 && at <= endNanos; at += interval) {
            TimeUnit.NANOSECONDS.sleep(at - System.nanoTime());
            reports.accept(interval(System.nanoTime()));
        }
        driving.join();
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
        return new Schedule(driver.watch().gapNanos(), strays, stolenMillis);
    }
}
