package io.ringfence.bench.demo;

import io.ringfence.bench.demo.Outcome.Phase;
import io.ringfence.bench.terminal.Style;
import io.ringfence.dataplane.control.EventLog;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the user sees, in lines of at most 80 columns: on a terminal each act has a table that is drawn anew where it is,
 * elsewhere line follows line. Any thread.
 */
final class Screen implements EventLog, Audience {
    private static final int WIDTH = 78;
    private static final String INDENT = "  ";

    private final PrintWriter out;
    private final Style style;
    private final LatencyBars bars;
    private final Table table;
    private final List<Phase> phases = new ArrayList<>();
    private final List<Sample> samples = new ArrayList<>();
    /** Of the table on a terminal: where it begins is so far above the cursor. */
    private int drawnLines;

    Screen(PrintWriter out, Style style, LatencyBars bars) {
        this.out = out;
        this.style = style;
        this.bars = bars;
        table = new Table(bars);
    }

    /** Says what will be shown. */
    synchronized void introduce(DemoNetwork network) {
        say("");
        say(style.bold("What do noisy neighbours cost a VM, and what does Ringfence change?"));
        say("");
        say(INDENT
                + "victim      sends %s frames of %d bytes a second, each of them timed"
                        .formatted(Quantity.count(DemoNetwork.STREAM.perSecond()), DemoNetwork.STREAM.lengthBytes()));
        say(INDENT
                + "neighbours  %d; send all they can, in frames of %d pieces: dear to process"
                        .formatted(network.neighbours(), DemoNetwork.DEAR_DESCRIPTORS));
    }

    /** Says why the host does not run the workers as Ringfence would. */
    synchronized void refused(String reason) {
        say("");
        say(style.bold("This host does not give the workers reservations in a CPU partition:"));
        reason.lines().forEach(this::paragraph);
    }

    /**
     * Says what the host gives instead.
     *
     * @param rung of the scheduling ladder, in the configuration's words
     * @param reserved whether that includes CPU time of the workers' own
     */
    synchronized void goesOn(String rung, boolean reserved) {
        paragraph("The demo goes on with what it gives (scheduling: %s). %s"
                .formatted(
                        rung,
                        reserved
                                ? "The workers have reserved CPU time, but without a partition it may come late."
                                : "It shows what a thread for each VM does, not what Ringfence promises."));
    }

    /** An act is being prepared. */
    synchronized void announce(Act act, boolean reserved) {
        say("");
        say(style.bold("%d of %d: %s".formatted(act.number(), Act.values().length, act.title(reserved))));
        paragraph(act.explanation(reserved));
        say(style.dim(INDENT + "Warming up..."));
    }

    /** It begins. */
    synchronized void begin(WorkerThread worker) {
        paragraph("Thread %s: %s (as the kernel says).".formatted(worker.name(), worker.describe()));
        say("");
        Table.heading().forEach(line -> say(style.dim(line)));
        phases.clear();
        samples.clear();
        drawnLines = 0;
    }

    @Override
    public synchronized void sample(Sample sample) {
        samples.add(sample);
        if (style == Style.TERMINAL) {
            draw(table.now(sample));
        } else {
            say(table.line(sample));
        }
    }

    @Override
    public synchronized void over(Phase phase) {
        phases.add(phase);
        if (style == Style.TERMINAL) {
            draw();
        }
    }

    /** The act is over. */
    synchronized void end() {
        if (style == Style.PLAIN) {
            phases.forEach(phase -> say(table.line(phase)));
        } else {
            say(style.dim(INDENT + "           " + bars.legend()));
        }
    }

    private void draw(String... now) {
        List<String> lines = new ArrayList<>();
        phases.forEach(phase -> lines.add(style.bold(table.line(phase))));
        lines.addAll(List.of(now));
        lines.add(table.columns(samples));
        out.print(style.redrawn(drawnLines, lines));
        out.flush();
        drawnLines = lines.size();
    }

    /** Says what it all meant. */
    synchronized void conclude(List<String> sentences) {
        say("");
        say(style.bold("What you saw"));
        sentences.forEach(this::paragraph);
        say("");
    }

    /** Says where there is more. */
    synchronized void written(Path page) {
        say(INDENT + "Plots: " + page);
        say("");
    }

    /** Says that the demo was ended early, and that nothing of it is left. */
    synchronized void interrupted() {
        say("");
        say("Stopped; guests, sockets and CPU partition are gone.");
    }

    @Override
    public void event(String vm, String what) {
        // That guests attach and detach is the demo's own doing.
    }

    @Override
    public synchronized void warning(String vm, String what) {
        // The host's refusals are told once, by refused; that a thread is shared, by its act.
        if (!vm.equals("host")) {
            paragraph(vm + ": " + what);
        }
    }

    private void paragraph(String text) {
        String hanging = text.startsWith("- ") ? INDENT + "  " : INDENT;
        List<String> lines = wrap(text, WIDTH - hanging.length());
        for (int i = 0; i < lines.size(); i++) {
            say((i == 0 ? INDENT : hanging) + lines.get(i));
        }
    }

    /** Breaks text into lines between words. */
    static List<String> wrap(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }

    private void say(String line) {
        out.println(line);
        out.flush();
    }
}
