package io.ringfence.dataplane.cli.signal;

import io.ringfence.dataplane.cli.log.LineQueue;
import io.ringfence.dataplane.cli.output.ExitCode;
import io.ringfence.dataplane.cli.output.OneLine;
import io.ringfence.scheduler.ThreadScheduling;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Lets SIGTERM and SIGINT end a command in good order, with exit code 0; a second one ends it at once.
 *
 * <p>The JVM answers these signals by running its shutdown hooks and would exit with 128 plus the signal's number. Here the
 * work ends before any shutdown begins, since libraries that have to begin their work for the end's sake (the journal's) refuse
 * to while the JVM shuts down; then it is halted with 0.
 */
public final class StopSignal implements AutoCloseable {
    /** Within the 2 s that a stop may take. */
    private static final Duration LIMIT = Duration.ofMillis(1_800);
    /** After the signal; then what nobody has read is given up. */
    private static final Duration FLUSHED = Duration.ofMillis(1_900);

    private final CompletableFuture<Runnable> ending = new CompletableFuture<>();
    private final AtomicBoolean stopping = new AtomicBoolean();

    private StopSignal() {}

    /**
     * Begins to answer the signals; one that comes before {@link #endsBy} waits for it. Why an end failed goes to standard
     * error.
     */
    public static StopSignal install() {
        StopSignal signal = new StopSignal();
        Signals.handle("TERM", signal::stop);
        Signals.handle("INT", signal::stop);
        return signal;
    }

    /** Whether a signal has come. Any thread. */
    public boolean stopping() {
        return stopping.get();
    }

    /** Names what ends the work; it runs on a thread of its own. */
    public void endsBy(Runnable end) {
        ending.complete(end);
    }

    /** Returns never: the end halts the JVM. */
    public static void await() throws InterruptedException {
        Thread.currentThread().join();
    }

    /** Gives the signals back, for a command that ends by itself; waits for ever if one is being answered. */
    @Override
    public void close() {
        if (stopping.compareAndSet(false, true)) {
            Signals.restore("TERM");
            Signals.restore("INT");
            return;
        }
        // Another exit code would race with that of the stop. Nothing is left to be ended here.
        endsBy(() -> {});
        try {
            await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void stop() {
        if (!stopping.compareAndSet(false, true)) {
            return;
        }
        SignalCalls.restoreDefault(SignalCalls.SIGINT, SignalCalls.SIGTERM);
        long beganNanos = System.nanoTime();
        int code;
        try {
            // On a thread of its own, since it may hang.
            code = CompletableFuture.supplyAsync(
                            this::end,
                            task -> Thread.ofPlatform().daemon().name("ending").start(task))
                    .get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            LineQueue.STANDARD_ERROR.add("ringfence: not ended within " + LIMIT.toMillis()
                    + " ms; ended by force. The next start cleans up what is left\n");
            code = ExitCode.FAILED;
        } catch (ExecutionException | InterruptedException failure) {
            LineQueue.STANDARD_ERROR.add("ringfence: stopping failed: " + OneLine.of(failure.toString()) + "\n");
            code = ExitCode.FAILED;
        }
        halt(code, beganNanos);
    }

    private static void halt(int code, long beganNanos) {
        try {
            // Where the end did not get to it: the JVM waits for workers, and the process for their exits.
            ThreadScheduling.withdrawAll();
            long usedMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNanos);
            LineQueue.STANDARD_ERROR.flush(Math.max(0, FLUSHED.toMillis() - usedMillis));
        } finally {
            Runtime.getRuntime().halt(code);
        }
    }

    private int end() {
        ending.join().run();
        return ExitCode.DONE;
    }
}
