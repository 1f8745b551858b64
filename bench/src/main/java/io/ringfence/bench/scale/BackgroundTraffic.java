package io.ringfence.bench.scale;

import io.ringfence.bench.traffic.Assignment;
import io.ringfence.bench.traffic.Report;
import io.ringfence.bench.traffic.RunPlan;
import io.ringfence.bench.traffic.TrafficProcess;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Traffic beside which something else happens: all of it while frames count.
 *
 * <p>One thread drives it.
 */
final class BackgroundTraffic {
    private static final double LEAD_SECONDS = 0.5;
    private static final double INTERVAL_SECONDS = 0.1;
    /** Beyond the first interval: the generator's CPU may be busy. */
    private static final long BEGIN_SECONDS = 20;

    private final double seconds;
    private final CompletableFuture<Long> begun = new CompletableFuture<>();
    private final CompletableFuture<Report> whole = new CompletableFuture<>();

    private BackgroundTraffic(double seconds) {
        this.seconds = seconds;
    }

    /**
     * Warms up, and returns when the run itself has begun.
     *
     * @throws java.util.concurrent.CompletionException if it fails or does not begin; says why
     */
    static BackgroundTraffic start(TrafficProcess generator, double seconds, List<Assignment> assignments) {
        generator.run(RunPlan.of(0, LEAD_SECONDS, assignments));
        RunPlan plan = RunPlan.of(0, seconds, assignments).withIntervals(INTERVAL_SECONDS);
        BackgroundTraffic traffic = new BackgroundTraffic(seconds);
        Thread.ofPlatform().daemon().name("traffic").start(() -> traffic.run(generator, plan));
        traffic.begun.orTimeout(BEGIN_SECONDS, TimeUnit.SECONDS).join();
        return traffic;
    }

    private void run(TrafficProcess generator, RunPlan plan) {
        try {
            whole.complete(generator.run(plan, interval -> begun.complete(System.nanoTime())));
        } catch (RuntimeException e) {
            begun.completeExceptionally(e);
            whole.completeExceptionally(e);
        }
    }

    /**
     * Waits for its end, after whatever happened beside it.
     *
     * @throws IllegalStateException if it may have ended before that
     */
    Report end() {
        double elapsedSeconds = (System.nanoTime() - begun.join()) / 1e9;
        // It begins an interval before the first report.
        if (elapsedSeconds > seconds - INTERVAL_SECONDS) {
            throw new IllegalStateException(
                    "what was to happen beside traffic took %.1f s, the traffic %.1f s: part of it saw none; run this again on a host with less to do"
                            .formatted(elapsedSeconds + INTERVAL_SECONDS, seconds));
        }
        return whole.join();
    }
}
