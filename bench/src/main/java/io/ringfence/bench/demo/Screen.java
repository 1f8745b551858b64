package io.ringfence.bench.demo;

import io.ringfence.bench.terminal.Style;
import io.ringfence.dataplane.control.EventLog;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** What the user sees: lines of at most 80 columns, in order, on a terminal or in a file. Any thread. */
final class Screen implements EventLog {
    private static final int WIDTH = 78;
    private static final String INDENT = "  ";

    private final PrintWriter out;
    private final Style style;

    Screen(PrintWriter out, Style style) {
        this.out = out;
        this.style = style;
    }

    /** Says what is there, once it runs, and where the kernel runs it. */
    void introduce(List<WorkerThread> workers, String guestCpus) {
        say("");
        say(style.bold("Ringfence demo: two guests exchange Ethernet frames through Ringfence."));
        say("");
        say(INDENT + "alice <--vhost-user--> worker-alice <-> worker-bob <--vhost-user--> bob");
        say("");
        workers.forEach(worker -> say(INDENT + "worker-%-7s".formatted(worker.vm()) + worker.describe()));
        say(INDENT + "both guests   CPU " + guestCpus + ", SCHED_OTHER, with everything else on this machine");
        say(style.dim(INDENT + "(as the kernel says; what the guests and their CPU cost is in all figures)"));
        say("");
        say(style.dim("Warming up for some seconds..."));
    }

    /** Says why the host runs the workers without reservations. */
    void refused(String reason) {
        say("");
        say(style.bold("This host does not give the workers reserved CPU time:"));
        paragraph(reason);
        paragraph("The demo goes on without (scheduling: other): it shows that frames pass, not that"
                + " neighbours cannot disturb each other.");
    }

    /** Begins the table of an act. */
    void begin(String title, String heading) {
        say("");
        say(style.bold(title));
        say(style.dim(heading));
    }

    /** A line of the table. */
    void row(String line) {
        say(line);
    }

    /** The last line of the table. */
    void total(String line) {
        say(style.bold(line));
    }

    /** Says what it all meant. */
    void conclude(List<String> sentences) {
        say("");
        say(style.bold("What you saw"));
        sentences.forEach(this::paragraph);
        say("");
    }

    /** Says that the demo was ended early, and that nothing of it is left. */
    void interrupted() {
        say("");
        say("Stopped; guests, sockets and CPU partition are gone.");
    }

    @Override
    public void event(String vm, String what) {
        // That guests attach and detach is the demo's own doing.
    }

    @Override
    public void warning(String vm, String what) {
        // The host's refusals are told once, by refused.
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
        for (String word : text.split("\\s+", -1)) {
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
