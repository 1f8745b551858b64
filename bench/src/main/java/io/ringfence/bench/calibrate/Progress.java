package io.ringfence.bench.calibrate;

import io.ringfence.bench.terminal.Style;
import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;

/**
 * Shows how far the measurement is: a bar that moves on a terminal, elsewhere a line for every phase. A thread of its own
 * draws, so that the measuring thread only leaves a note.
 */
final class Progress implements AutoCloseable {
    private static final int WIDTH = 40;
    private static final long INTERVAL_MILLIS = 200;

    private final PrintWriter out;
    private final Style style;
    private final double totalSeconds;
    private final Thread thread;
    private volatile String phase = "preparing";
    private final long startNanos = System.nanoTime();
    private volatile boolean ended;

    Progress(PrintWriter out, Style style, double totalSeconds) {
        this.out = out;
        this.style = style;
        this.totalSeconds = totalSeconds;
        thread = Thread.ofPlatform().name("calibrate-progress").daemon().unstarted(this::draw);
        thread.start();
    }

    /** A phase begins that takes so long; returns when it is to end, as {@link System#nanoTime}. */
    long begin(String name, double seconds) {
        phase = name;
        return System.nanoTime() + (long) (seconds * 1e9);
    }

    private void draw() {
        String told = "";
        while (!ended) {
            String now = phase;
            double done = Math.min(1, (System.nanoTime() - startNanos) / 1e9 / totalSeconds);
            if (style == Style.TERMINAL) {
                out.print("\r" + bar(now, done));
                out.flush();
            } else if (!now.equals(told)) {
                told = now;
                out.println(plain(now, done));
                out.flush();
            }
            pause();
        }
        if (style == Style.TERMINAL) {
            out.print("\r" + " ".repeat(bar("", 1).length()) + "\r");
            out.flush();
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(INTERVAL_MILLIS);
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    /** A line of constant width. */
    static String bar(String phase, double done) {
        int filled = (int) (done * WIDTH);
        return "[%s%s] %3d %%  %-12s"
                .formatted("#".repeat(filled), ".".repeat(WIDTH - filled), (int) (100 * done), phase);
    }

    private String plain(String name, double done) {
        return "%s (%.0f of %.0f s)".formatted(name, done * totalSeconds, totalSeconds);
    }

    /** Ends the drawing; what is printed afterwards begins on a clean line. */
    @Override
    public void close() {
        ended = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
