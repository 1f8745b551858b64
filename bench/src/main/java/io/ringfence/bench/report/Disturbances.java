package io.ringfence.bench.report;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What disturbed runs, and how often: they are in the results, but not in a figure that has calm ones. */
public final class Disturbances {
    private Disturbances() {}

    /** What is said at once behind the figures of a run, given what speaks against it; nothing of a calm one. */
    public static String note(List<String> found) {
        return found.isEmpty() ? "" : " (disturbed)";
    }

    /** The same of two runs that belong together. */
    public static String note(List<String> one, List<String> other) {
        return note(one.isEmpty() ? other : one);
    }

    /**
     * The part of a report about it.
     *
     * @param runs what speaks against each run, in words; nothing against a calm one
     */
    public static List<Block> of(List<List<String>> runs) {
        Map<String, Integer> kinds = new TreeMap<>();
        runs.forEach(run -> run.forEach(text -> kinds.merge(kind(text), 1, Integer::sum)));
        Block heading = new Block.Heading("Disturbed runs");
        Block calm = new Block.Prose(
                "%d of %d runs were calm. A ratio is calm if both its runs were; figures are those of calm rounds, or of all rounds where none was calm."
                        .formatted(runs.stream().filter(List::isEmpty).count(), runs.size()));
        return kinds.isEmpty()
                ? List.of(heading, calm)
                : List.of(
                        heading,
                        calm,
                        new Block.Grid(
                                List.of("what disturbed the others", "runs"),
                                kinds.entrySet().stream()
                                        .map(kind -> List.of(kind.getKey(), Integer.toString(kind.getValue())))
                                        .toList()));
    }

    /** The words without the numbers. */
    private static String kind(String disturbance) {
        return disturbance
                .replaceAll(" ?\\(limit.*\\)", "")
                .replaceAll("[0-9.]+ (%|ms)", "so many $1")
                .strip();
    }
}
