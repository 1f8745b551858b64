package io.ringfence.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures several variants in turn, A B C A B C and so on, so that what drifts meets all of them alike. */
public final class Rounds {
    private Rounds() {}

    /**
     * What is compared.
     *
     * @param name unique among the variants
     */
    public record Variant<R>(String name, Trial<R> trial) {}

    /** One measurement of one variant. */
    @FunctionalInterface
    public interface Trial<R> {
        /** Sets the variant up, measures and takes it down. */
        R run() throws Exception;
    }

    /** Is told of every result as soon as there is one. */
    @FunctionalInterface
    public interface Progress<R> {
        /** A round of a variant is over; rounds count from 1. */
        void measured(int round, String variant, R result);
    }

    /**
     * Runs all rounds; each begins with another variant than the one before, so that none always comes after the same.
     *
     * @return the results of every variant, by round, in the order of the variants
     */
    public static <R> Map<String, List<R>> alternate(List<Variant<R>> variants, int rounds, Progress<R> progress)
            throws Exception {
        List<List<R>> results = new ArrayList<>();
        variants.forEach(ignored -> results.add(new ArrayList<>()));
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < variants.size(); i++) {
                int turn = (round + i) % variants.size();
                Variant<R> variant = variants.get(turn);
                R result = variant.trial().run();
                results.get(turn).add(result);
                progress.measured(round + 1, variant.name(), result);
            }
        }
        Map<String, List<R>> named = new LinkedHashMap<>();
        for (int i = 0; i < variants.size(); i++) {
            named.put(variants.get(i).name(), results.get(i));
        }
        return named;
    }
}
