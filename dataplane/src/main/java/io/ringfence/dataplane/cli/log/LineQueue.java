package io.ringfence.dataplane.cli.log;

import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;

/**
 * Text for a stream that is perhaps not read, written by a thread of its own: whoever adds some never waits for the reader. What
 * finds the queue full is lost, which is said once the rest is written. Any thread, but never a worker.
 */
public final class LineQueue {
    /** Standard error; what is left at the end of the process is written for a tenth of a second at most. */
    public static final LineQueue STANDARD_ERROR = ofStandardError();

    private static final int CAPACITY = 1_024;
    private static final long AT_EXIT_MILLIS = 100;

    private final PrintStream stream;
    private final LongFunction<String> notice;
    private final Queue<String> waiting = new ArrayDeque<>();
    private long lost;
    private boolean writing;

    private LineQueue(PrintStream stream, LongFunction<String> notice) {
        this.stream = stream;
        this.notice = notice;
    }

    /**
     * Starts the thread.
     *
     * @param notice makes a line of how many texts were lost
     */
    static LineQueue start(PrintStream stream, LongFunction<String> notice) {
        LineQueue queue = new LineQueue(stream, notice);
        Thread.ofPlatform().daemon().name("log-lines").start(queue::write);
        return queue;
    }

    private static LineQueue ofStandardError() {
        LineQueue queue = start(
                System.err,
                lost -> OperatorLog.line("host: warning: " + lost
                        + " messages are lost here: standard error was not read for too long"));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> queue.flush(AT_EXIT_MILLIS), "log-lines-at-exit"));
        return queue;
    }

    /** Adds whole lines, which stay together. */
    public synchronized void add(String lines) {
        // Nothing overtakes what was lost, so that the notice is in its place.
        if (lost > 0 || waiting.size() == CAPACITY) {
            lost++;
        } else {
            waiting.add(lines);
        }
        notifyAll();
    }

    /** Waits until everything is written, for so long at most. */
    public synchronized void flush(long millis) {
        long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        try {
            while (writing || hasMore()) {
                long left = endNanos - System.nanoTime();
                if (left <= 0) {
                    return;
                }
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void write() {
        try {
            while (true) {
                stream.print(next());
                stream.flush();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized String next() throws InterruptedException {
        writing = false;
        notifyAll();
        while (!hasMore()) {
            wait();
        }
        writing = true;
        String text = waiting.poll();
        if (text == null) {
            text = notice.apply(lost);
            lost = 0;
        }
        return text;
    }

    private boolean hasMore() {
        return !waiting.isEmpty() || lost > 0;
    }
}
