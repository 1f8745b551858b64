package io.ringfence.dataplane.cli.log;

import io.ringfence.dataplane.cli.output.OneLine;
import io.ringfence.dataplane.control.EventLog;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;

/** Events as lines of text: time in UTC, VM, what happened. Any thread, but never a worker. */
public final class OperatorLog implements EventLog {
    private static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

    private final LineQueue lines;

    /** Writes to this queue. */
    public OperatorLog(LineQueue lines) {
        this.lines = lines;
    }

    @Override
    public void event(String vm, String what) {
        print(vm + ": " + what);
    }

    @Override
    public void warning(String vm, String what) {
        print(vm + ": warning: " + what);
    }

    private void print(String text) {
        lines.add(line(text));
    }

    /** A text as a line of this log. */
    static String line(String text) {
        return TIME.format(Instant.now()) + " " + OneLine.of(text) + "\n";
    }
}
