package io.ringfence.bench.report;

import io.ringfence.bench.options.RoundsOption;
import io.ringfence.bench.options.SchedulingOption;
import io.ringfence.bench.options.SecondsOption;
import io.ringfence.bench.peer.Conditions;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Mixin;

/**
 * The frame of a benchmark of Ringfence by itself: its options, and what becomes of its result.
 *
 * @param <R> all that it measures, a record
 */
public abstract class RingfenceBenchmark<R> implements Callable<Integer> {
    @Mixin
    private final RoundsOption rounds;

    @Mixin
    private final SecondsOption seconds;

    @Mixin
    private final SchedulingOption scheduling = new SchedulingOption();

    @Mixin
    private final BenchmarkOutput output = new BenchmarkOutput();

    private final String title;
    private final Function<R, List<Block>> report;

    /**
     * For a subclass.
     *
     * @param title of its report
     * @param report makes that of a result
     * @param rounds if the user does not say
     * @param seconds each time, likewise
     */
    protected RingfenceBenchmark(String title, Function<R, List<Block>> report, int rounds, double seconds) {
        this.title = title;
        this.report = report;
        this.rounds = new RoundsOption(rounds);
        this.seconds = new SecondsOption(seconds);
    }

    @Override
    public final Integer call() throws Exception {
        check();
        int often = rounds.rounds();
        double each = seconds.seconds();
        String rung = scheduling.rung();
        return output.publish(title, report, (place, cleanup) -> measure(new Conditions(place, each, rung), often));
    }

    /**
     * Requires that the options which are its own make sense.
     *
     * @throws picocli.CommandLine.ParameterException if one does not
     */
    protected abstract void check();

    /**
     * Measures everything so often, in turn.
     *
     * @throws io.ringfence.bench.peer.PeerException if this host refuses; says why
     */
    protected abstract R measure(Conditions conditions, int often) throws Exception;

    /** What it prints, and requires of options. */
    protected final BenchmarkOutput output() {
        return output;
    }
}
