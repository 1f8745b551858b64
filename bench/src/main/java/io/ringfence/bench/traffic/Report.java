package io.ringfence.bench.traffic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What the stations of a process counted in an interval of a run, or in all of it; written as one line.
 *
 * @param whole whether it is of the whole run, with the frames that arrived shortly after its end
 * @param seconds the time that it is of
 */
public record Report(boolean whole, double seconds, List<Flow> flows) {
    private static final String INTERVAL = "interval";
    private static final String WHOLE = "whole";
    private static final String SEPARATOR = " | ";

    /** One station's part. */
    public record Flow(String station, FlowCounts counts, Latencies roundTrips) {}

    public Report {
        flows = List.copyOf(flows);
    }

    /** The part of a station. */
    public Flow flow(String station) {
        return flows.stream()
                .filter(flow -> flow.station().equals(station))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no station " + station + " in " + this));
    }

    /** Returns the line, without a line feed. */
    String toLine() {
        List<String> parts = new ArrayList<>();
        parts.add(String.format(Locale.ROOT, "%s %.6f", whole ? WHOLE : INTERVAL, seconds));
        for (Flow flow : flows) {
            FlowCounts c = flow.counts();
            Latencies l = flow.roundTrips();
            parts.add("%s %d %d %d %d %d %d %d %d %d %d %d"
                    .formatted(
                            flow.station(),
                            c.sent(),
                            c.received(),
                            c.corrupt(),
                            c.missing(),
                            c.duplicates(),
                            c.reordered(),
                            l.count(),
                            l.p50Nanos(),
                            l.p99Nanos(),
                            l.p999Nanos(),
                            l.maxNanos()));
        }
        return String.join(SEPARATOR, parts);
    }

    /**
     * Reads what {@link #toLine} has written.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    static Report parse(String line) {
        try {
            String[] parts = line.split(" \\| ", -1);
            String[] head = parts[0].split(" ", -1);
            if (head.length != 2 || !List.of(INTERVAL, WHOLE).contains(head[0])) {
                throw new IllegalArgumentException("expected \"interval SECONDS\" or \"whole SECONDS\"");
            }
            List<Flow> flows = Arrays.stream(parts).skip(1).map(Report::flowOf).toList();
            return new Report(head[0].equals(WHOLE), Double.parseDouble(head[1]), flows);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("not a traffic report: \"" + line + "\": " + e.getMessage(), e);
        }
    }

    private static Flow flowOf(String text) {
        String[] words = text.split(" ", -1);
        if (words.length != 12) {
            throw new IllegalArgumentException("station with %d words, expected 12".formatted(words.length));
        }
        long[] n = Arrays.stream(words).skip(1).mapToLong(Long::parseLong).toArray();
        return new Flow(
                words[0],
                new FlowCounts(n[0], n[1], n[2], n[3], n[4], n[5]),
                new Latencies(n[6], n[7], n[8], n[9], n[10]));
    }
}
