package io.ringfence.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/** Measures several variants in turn, A B C A B C and so on, so that what drifts meets all of them alike. */
public final class Rounds {
    private Rounds() {}

    /** One measurement of a variant. */
    @FunctionalInterface
    public interface Trial<V, R> {
        /** Sets the variant up, measures and takes it down. */
        R run(V variant) throws Exception;
    }

    /** Is told of every result as soon as there is one. */
    @FunctionalInterface
    public interface Progress<V, R> {
        /** A round of a variant is over; rounds count from 1. */
        void measured(int round, V variant, R result);
    }

    /**
     * Runs all rounds; each begins with another variant than the one before, so that none always comes after the same.
     *
     * @param whole makes one of a variant and its results, by round
     * @return what that made, in the order of the variants
     */
    public static <V, R, W> List<W> alternate(
            List<V> variants, int rounds, Trial<V, R> trial, Progress<V, R> progress, BiFunction<V, List<R>, W> whole)
            throws Exception {
        List<List<R>> results = new ArrayList<>();
        variants.forEach(ignored -> results.add(new ArrayList<>()));
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < variants.size(); i++) {
                int turn = (round + i) % variants.size();
                V variant = variants.get(turn);
                R result = trial.run(variant);
                results.get(turn).add(result);
                progress.measured(round + 1, variant, result);
            }
        }
        List<W> wholes = new ArrayList<>();
        for (int i = 0; i < variants.size(); i++) {
            wholes.add(whole.apply(variants.get(i), results.get(i)));
        }
        return wholes;
    }
}
