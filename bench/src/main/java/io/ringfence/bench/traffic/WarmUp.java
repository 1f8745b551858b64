package io.ringfence.bench.traffic;

import io.ringfence.bench.host.Compilers;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/**
 * Has whatever compiles code as it runs compile it, the generator included, before anything is measured.
 *
 * <p>The compilers share a CPU with the generator, so they are waited for after each run.
 */
public final class WarmUp {
    private static final int LEAST_TIMES = 3;
    /** For tests, which look at no figure. */
    private static final int MOST_TIMES = Integer.getInteger("ringfence.bench.warmup.times", Integer.MAX_VALUE);

    /** With less than this for each load, hardly anything is left to compile. */
    private static final long COMPILED_NANOS = 5_000_000;
    /** However much is left: what the runs then hold against themselves is in the report. */
    private static final long LIMIT_NANOS = 10_000_000_000L;

    private final TrafficProcess generator;
    private final double seconds;
    private final Compilers compilers;

    /**
     * Of the generator and what it loads.
     *
     * @param seconds of each run
     * @param pids of the other processes
     */
    public WarmUp(TrafficProcess generator, double seconds, long... pids) {
        this.generator = generator;
        this.seconds = seconds;
        compilers = new Compilers(LongStream.concat(LongStream.of(generator.pid()), LongStream.of(pids))
                .toArray());
    }

    /**
     * Does runs under these loads in turn, again and again, until hardly anything is left to compile, or that takes too long.
     *
     * @param loads asked for right before each run, so that they can prepare for it
     */
    public void untilCompiled(List<Supplier<List<Assignment>>> loads) throws InterruptedException {
        long startNanos = System.nanoTime();
        long compiledNanos = awaitRest();
        for (int i = 1; i <= MOST_TIMES; i++) {
            long before = compiledNanos;
            for (Supplier<List<Assignment>> load : loads) {
                compiledNanos = run(load.get());
            }
            boolean compiled = compiledNanos - before < COMPILED_NANOS * loads.size();
            if (i >= LEAST_TIMES && (compiled || System.nanoTime() - startNanos > LIMIT_NANOS)) {
                return;
            }
        }
    }

    /** Does a run of which nothing counts, and waits until the compilers rest; returns the CPU time that they have used so far. */
    private long run(List<Assignment> assignments) throws InterruptedException {
        generator.run(RunPlan.of(0, seconds, assignments));
        return awaitRest();
    }

    /** Waits until the compilers rest, a second at most; returns the CPU time that they have used so far. */
    public long awaitRest() throws InterruptedException {
        return compilers.awaitRest();
    }
}
