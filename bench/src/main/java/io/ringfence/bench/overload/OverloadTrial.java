package io.ringfence.bench.overload;

import io.ringfence.bench.overload.OverloadResult.Case;
import io.ringfence.bench.overload.OverloadResult.Point;
import io.ringfence.bench.overload.OverloadResult.Run;
import io.ringfence.bench.peer.Conditions;
import io.ringfence.bench.peer.RingfenceProcess;
import io.ringfence.bench.traffic.Carried;
import io.ringfence.bench.traffic.FlowCounts;
import io.ringfence.bench.traffic.Report;
import io.ringfence.bench.traffic.Role;
import io.ringfence.bench.traffic.RunPlan;
import io.ringfence.bench.traffic.TrafficProcess;
import io.ringfence.bench.traffic.WarmUp;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/** Rounds of one set of destinations and one frame length: Ringfence started, offered more and more, and ended. */
final class OverloadTrial {
    /** What is offered, as multiples of the capacity. */
    static final List<Double> TIMES = List.of(0.5, 0.8, 1.0, 1.25, 2.0, 5.0, 10.0);

    private static final double WARM_UP_SECONDS = 0.4;
    private static final double LEAD_SECONDS = 0.2;
    private static final int MOST_PER_SECOND = 50_000_000;

    private final Destinations destinations;
    private final int lengthBytes;
    private final Conditions conditions;
    private boolean descending;

    OverloadTrial(Destinations destinations, int lengthBytes, Conditions conditions) {
        this.destinations = destinations;
        this.lengthBytes = lengthBytes;
        this.conditions = conditions;
    }

    /** For people; unique. */
    String title() {
        return destinations.title(lengthBytes);
    }

    /** All of its rounds. */
    Case of(List<Run> runs) {
        return new Case(destinations, lengthBytes, runs);
    }

    /**
     * Measures one round; the offers come in ascending order and in descending order in turn.
     *
     * @throws io.ringfence.bench.peer.PeerException if this host refuses; says why
     */
    Run run() throws InterruptedException {
        try (RingfenceProcess process = conditions.start(destinations.configuration(conditions));
                TrafficProcess generator = conditions.attach(destinations.endpoints(conditions.place()))) {
            Role.Flood flood = new Role.Flood(lengthBytes);
            new WarmUp(generator, WARM_UP_SECONDS, process.pid())
                    .untilCompiled(List.of(() -> destinations.offering(flood)));
            double capacity = point(process, generator, 0, flood).delivered();
            List<Double> offers = new ArrayList<>(TIMES);
            if (descending) {
                Collections.reverse(offers);
            }
            descending = !descending;
            List<Point> points = new ArrayList<>();
            for (double times : offers) {
                double perSender = times * capacity / Destinations.SENDERS;
                points.add(point(process, generator, times, new Role.Flood(lengthBytes, (int)
                        Math.clamp(perSender, 1, MOST_PER_SECOND))));
            }
            points.sort(Comparator.comparingDouble(Point::times));
            return new Run(capacity, points);
        }
    }

    private Point point(RingfenceProcess process, TrafficProcess generator, double times, Role.Flood flood) {
        generator.run(RunPlan.of(0, LEAD_SECONDS, destinations.offering(flood)));
        Carried carried = Carried.measure(
                generator, RunPlan.of(0, conditions.seconds(), destinations.offering(flood)), process::workerNanos);
        Report report = carried.report();
        List<FlowCounts> senders = report.flows().stream()
                .limit(Destinations.SENDERS)
                .map(Report.Flow::counts)
                .toList();
        long unsent = senders.stream().mapToLong(FlowCounts::unsent).sum();
        return new Point(
                times,
                (report.sent() + unsent) / report.seconds(),
                senders.stream().map(flow -> flow.received() / report.seconds()).toList(),
                carried.lostShare(),
                carried.cpuNanosPerFrame(),
                report.disturbances());
    }
}
