package io.ringfence.bench.traffic;

import io.ringfence.bench.host.Compilers;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Has whatever compiles code as it runs compile it, the generator included, before anything is measured.
 *
 * <p>The compilers share a CPU with the generator, so they are waited for after each run.
 */
public final class WarmUp {
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

    /** Does a run of which nothing counts, and waits until the compilers rest; returns the CPU time that they have used so far. */
    public long run(List<Assignment> assignments) throws InterruptedException {
        generator.run(RunPlan.of(0, seconds, assignments));
        return awaitRest();
    }

    /** Waits until the compilers rest, a second at most; returns the CPU time that they have used so far. */
    public long awaitRest() throws InterruptedException {
        return compilers.awaitRest();
    }
}
