package io.ringfence.dataplane.cli;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Lets SIGTERM, SIGINT and SIGHUP end a command in good order, with exit code 0; a second one ends it at once.
 *
 * <p>The JVM answers these signals by running its shutdown hooks and would exit with 128 plus the signal's number; the
 * hook here halts it with 0 instead, once the work has ended.
 */
final class StopSignal implements AutoCloseable {
    /** Together with the start of a JVM's shutdown within the 2 s that a stop may take. */
    private static final Duration LIMIT = Duration.ofMillis(1_800);

    private final CompletableFuture<Runnable> ending = new CompletableFuture<>();
    private final Thread hook = Thread.ofPlatform().name("stop").unstarted(this::stop);

    private StopSignal() {}

    /**
     * Begins to answer the signals; one that comes before {@link #endsBy} waits for it. Why an end failed goes to standard
     * error.
     */
    static StopSignal install() {
        StopSignal signal = new StopSignal();
        Runtime.getRuntime().addShutdownHook(signal.hook);
        return signal;
    }

    /** Names what ends the work; it runs on a thread of its own. */
    void endsBy(Runnable end) {
        ending.complete(end);
    }

    /** Returns never: the hook halts the JVM. */
    static void await() throws InterruptedException {
        Thread.currentThread().join();
    }

    /** Gives the signals back, for a command that ends by itself; waits for ever if one is being answered. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException stopping) {
            // Another exit code would race with the hook's. Nothing to clean up: the hook does it.
            endsBy(() -> {});
            try {
                await();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void stop() {
        SignalCalls.restoreDefault(SignalCalls.SIGHUP, SignalCalls.SIGINT, SignalCalls.SIGTERM);
        int code;
        try {
            // On a thread of its own, since it may hang.
            code = CompletableFuture.supplyAsync(
                            this::end,
                            task -> Thread.ofPlatform().daemon().name("ending").start(task))
                    .get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            System.err.println("ringfence: not ended within " + LIMIT.toMillis()
                    + " ms; ended by force. The next start cleans up what is left");
            code = ExitCode.FAILED;
        } catch (ExecutionException | InterruptedException failure) {
            System.err.println("ringfence: stopping failed: " + OneLine.of(failure.toString()));
            code = ExitCode.FAILED;
        }
        Runtime.getRuntime().halt(code);
    }

    private int end() {
        ending.join().run();
        return ExitCode.DONE;
    }
}
