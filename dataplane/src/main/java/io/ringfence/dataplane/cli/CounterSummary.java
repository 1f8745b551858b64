package io.ringfence.dataplane.cli;

import java.util.Map;

/** The counters of a run as a table. */
final class CounterSummary {
    /** What was in the last second says nothing about the run. */
    private static final String LAST_INTERVAL = "/interval-";

    private CounterSummary() {}

    /** Returns a line for each counter that is not zero; empty if all are. Labels are {@code vm/counter}, or {@code vm/worker/counter}. */
    static String of(Map<String, Long> counters) {
        TextTable table = new TextTable().words("VM").words("COUNTER").numbers("VALUE");
        counters.forEach((label, value) -> {
            if (value != 0 && !label.contains(LAST_INTERVAL)) {
                int slash = label.lastIndexOf('/');
                table.row(label.substring(0, slash), label.substring(slash + 1), Long.toString(value));
            }
        });
        return table.isEmpty() ? "" : table.toString();
    }
}
