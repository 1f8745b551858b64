package io.ringfence.dataplane.cli;

import io.ringfence.dataplane.control.EventLog;
import java.io.PrintStream;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;

/** Events as lines of text: time in UTC, VM, what happened. Any thread, but never a worker. */
final class OperatorLog implements EventLog {
    private static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

    private final PrintStream stream;

    OperatorLog(PrintStream stream) {
        this.stream = stream;
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
        // One call for one line, so that the lines of two threads do not mix.
        stream.print(TIME.format(Instant.now()) + " " + OneLine.of(text) + "\n");
        stream.flush();
    }
}
