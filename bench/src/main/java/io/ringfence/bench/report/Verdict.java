package io.ringfence.bench.report;

import java.util.List;
import java.util.stream.Stream;

/** How reports say whether a target was met, and what rests on disturbed rounds only. */
public final class Verdict {
    private static final String MET = "met";
    private static final String MISSED = "MISSED";
    private static final String MARK = " *";

    private Verdict() {}

    /** Whether a target was met, in one word. */
    public static String of(boolean met) {
        return met ? MET : MISSED;
    }

    /** The same of a time that was not to be longer than another; if it was, by how many times. One without an end never meets it. */
    public static String ofTime(boolean met, Figure ours, Figure theirs) {
        if (Double.isInfinite(ours.median())) {
            return MISSED;
        }
        return met ? MET : "%s, %s times as long".formatted(MISSED, Numbers.short3(ours.median() / theirs.median()));
    }

    /** What is said of figures, marked unless each of them had a calm round; nothing stays nothing. */
    public static String marked(String text, Figure... figures) {
        boolean calm = Stream.of(figures).allMatch(figure -> figure.calmRounds() > 0);
        return calm || text.isEmpty() ? text : text + MARK;
    }

    /** A table of verdicts on two figures each, and below it what the mark means if there is one. */
    public static List<Block> explain(Block.Grid verdicts) {
        boolean marked = verdicts.rows().stream().flatMap(List::stream).anyMatch(cell -> cell.endsWith(MARK));
        return marked
                ? List.of(
                        verdicts,
                        new Block.Prose("* at least one of the two had no calm round: a verdict on disturbed ones."))
                : List.of(verdicts);
    }
}
