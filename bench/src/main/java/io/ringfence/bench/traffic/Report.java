package io.ringfence.bench.traffic;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * What the stations of a process counted in an interval of a run, or in all of it.
 *
 * @param whole whether it is of the whole run, with the frames that arrived shortly after its end
 * @param seconds the time that it is of, warm-up excluded
 * @param flows one for each station, in their order: what it sends to its peer
 * @param operations of those stations that do anything but send and receive, in a whole report
 * @param schedule how well the driving thread kept its schedule so far
 */
public record Report(boolean whole, double seconds, List<Flow> flows, List<Operations> operations, Schedule schedule) {
    private static final double LATE_LIMIT = 0.01;
    private static final double GAP_LIMIT = 0.05;

    /**
     * One flow.
     *
     * @param from the station that sends
     * @param to the station that it sends to; empty if that is none of this process
     * @param latencies one way; none unless both ends are observed
     * @param histogram of these, in nanoseconds; empty in an interval's report
     * @param timeline of these, in a whole report
     */
    public record Flow(
            String from, String to, FlowCounts counts, Latencies latencies, Histogram histogram, List<Slice> timeline) {
        public Flow {
            timeline = List.copyOf(timeline);
        }
    }

    /**
     * Latencies of the frames that were to depart in a short part of a run.
     *
     * @param fromSeconds where it begins, counted from the beginning of the run
     * @param count how many latencies were measured
     * @param p50Nanos of all frames that were due then: infinite if so many did not arrive
     * @param p99Nanos likewise
     * @param maxNanos of those that were measured; 0 if none was, since none arrived
     */
    public record Slice(double fromSeconds, long count, double p50Nanos, double p99Nanos, long maxNanos) {}

    /**
     * What a station did beside sending and receiving: kicks, sessions, changes of the memory table.
     *
     * @param failures what failed first, if anything did
     */
    public record Operations(String station, long count, List<String> failures) {
        public Operations {
            failures = List.copyOf(failures);
        }
    }

    public Report {
        flows = List.copyOf(flows);
        operations = List.copyOf(operations);
    }

    /** Frames of all flows that were put into transmit queues. */
    public long sent() {
        return flows.stream().mapToLong(flow -> flow.counts().sent()).sum();
    }

    /** Frames of all flows that arrived intact. */
    public long received() {
        return flows.stream().mapToLong(flow -> flow.counts().received()).sum();
    }

    /** The flow that a station sends. */
    public Flow from(String station) {
        return flows.stream()
                .filter(flow -> flow.from().equals(station))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no station " + station + " in " + flows));
    }

    /** What speaks against the latencies of this report, in words; empty if the run was calm. */
    public List<String> disturbances() {
        List<String> found = new ArrayList<>();
        for (Flow flow : flows) {
            FlowCounts counts = flow.counts();
            if (flow.latencies().count() > 0 && counts.late() > LATE_LIMIT * counts.sent()) {
                found.add(String.format(
                        Locale.ROOT,
                        "%.1f %% of what %s sent left late (limit %.0f %%)",
                        100.0 * counts.late() / counts.sent(),
                        flow.from(),
                        100 * LATE_LIMIT));
            }
        }
        if (schedule.gapNanos() > GAP_LIMIT * seconds * 1e9) {
            found.add(String.format(
                    Locale.ROOT,
                    "the generator was away for %.1f %% of the time (limit %.0f %%)",
                    schedule.gapNanos() / seconds / 1e7,
                    100 * GAP_LIMIT));
        }
        if (schedule.stolenMillis() > 0) {
            found.add(String.format(Locale.ROOT, "the hypervisor took CPUs away for %d ms", schedule.stolenMillis()));
        }
        return found;
    }
}
