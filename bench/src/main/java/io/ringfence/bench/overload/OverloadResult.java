package io.ringfence.bench.overload;

import io.ringfence.bench.report.Figure;
import io.ringfence.bench.report.Reading;
import io.ringfence.dataplane.cost.HostIdentity;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * All that a run of the benchmark measured; stored as JSON.
 *
 * @param scheduling the rung of the workers
 * @param seconds how long each offer lasted
 */
record OverloadResult(
        Instant startedAt, HostIdentity host, String scheduling, int rounds, double seconds, List<Case> cases) {
    OverloadResult {
        cases = List.copyOf(cases);
    }

    /** One set of destinations and one frame length, by round. */
    record Case(Destinations destinations, int lengthBytes, List<Run> runs) {
        Case {
            runs = List.copyOf(runs);
        }

        /** For people; unique. */
        String title() {
            return destinations.title(lengthBytes);
        }

        /** The offers of each round, in ascending order. */
        List<Double> times() {
            return runs.getFirst().points().stream().map(Point::times).toList();
        }

        private List<Reading> readings(int offer, ToDoubleFunction<Point> value) {
            return runs.stream()
                    .map(run -> run.points().get(offer))
                    .map(point -> new Reading(value.applyAsDouble(point), point.disturbances()))
                    .toList();
        }

        /** What all rounds measured with an offer, by its place among them. */
        Figure figure(int offer, ToDoubleFunction<Point> value) {
            return Figure.of(readings(offer, value));
        }

        /** What was delivered with the largest offer, as a part of what was with the best one of the same round. */
        Figure keptOfMaximum() {
            return Figure.ratio(
                    readings(times().size() - 1, Point::delivered),
                    runs.stream()
                            .map(Run::best)
                            .map(best -> new Reading(best.delivered(), best.disturbances()))
                            .toList());
        }
    }

    /**
     * One round of a case.
     *
     * @param capacity frames a second delivered while every sender kept its queue full: what offers are multiples of
     */
    record Run(double capacity, List<Point> points) {
        Run {
            points = List.copyOf(points);
        }

        /** The offer with which most was delivered. */
        Point best() {
            return points.stream()
                    .max(Comparator.comparingDouble(Point::delivered))
                    .orElseThrow();
        }
    }

    /**
     * One offer.
     *
     * @param times the capacity
     * @param offered frames a second, of all senders together
     * @param deliveredBySender frames a second that arrived, of each sender
     * @param droppedShare of the frames that the switch took
     * @param workerNanosPerFrame CPU time of all workers for each frame that arrived
     */
    record Point(
            double times,
            double offered,
            List<Double> deliveredBySender,
            double droppedShare,
            double workerNanosPerFrame,
            List<String> disturbances) {
        Point {
            deliveredBySender = List.copyOf(deliveredBySender);
            disturbances = List.copyOf(disturbances);
        }

        /** Frames a second that arrived. */
        double delivered() {
            return deliveredBySender.stream().mapToDouble(Double::doubleValue).sum();
        }

        /** What the sender with the least got across, as a part of what that with the most did; 1 if nobody got anything. */
        double fairness() {
            double most = deliveredBySender.stream()
                    .mapToDouble(Double::doubleValue)
                    .max()
                    .orElse(0);
            double least = deliveredBySender.stream()
                    .mapToDouble(Double::doubleValue)
                    .min()
                    .orElse(0);
            return most == 0 ? 1 : least / most;
        }
    }
}
