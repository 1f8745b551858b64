package io.ringfence.dataplane.cli.report;

import io.ringfence.dataplane.cli.output.TextTable;
import io.ringfence.dataplane.telemetry.Counter;
import java.util.Map;
import java.util.Set;

/** The counters of a run as a table. */
public final class CounterSummary {
    /** What was in the last second says nothing about the run. */
    private static final String LAST_INTERVAL = "/interval-";

    private static final Set<String> SINCE_LAST_INTERVAL = Set.of(
            Counter.WORST_LATENCY_NANOS.label(),
            Counter.WORST_HELD_UP_LATENCY_NANOS.label(),
            Counter.MOST_WAITING_FRAMES.label(),
            Counter.WAITING_FRAMES.label());

    private CounterSummary() {}

    /** Returns a line for each counter of the whole run that is not zero; empty if all are. Labels are {@code vm/counter}, or {@code vm/worker/counter}. */
    public static String of(Map<String, Long> counters) {
        TextTable table = new TextTable().words("VM").words("COUNTER").numbers("VALUE");
        counters.forEach((label, value) -> {
            int slash = label.lastIndexOf('/');
            String counter = label.substring(slash + 1);
            if (value != 0 && !label.contains(LAST_INTERVAL) && !SINCE_LAST_INTERVAL.contains(counter)) {
                table.row(label.substring(0, slash), counter, Long.toString(value));
            }
        });
        return table.isEmpty() ? "" : table.toString();
    }
}
