package io.ringfence.bench.report;

import java.util.List;

/** Marks verdicts that rest on disturbed rounds only. */
public final class CalmMark {
    private static final String MARK = " *";

    private CalmMark() {}

    /** A verdict on two figures, marked unless each had a calm round; nothing stays nothing. */
    public static String on(String verdict, Figure ours, Figure theirs) {
        boolean calm = ours.calmRounds() > 0 && theirs.calmRounds() > 0;
        return calm || verdict.isEmpty() ? verdict : verdict + MARK;
    }

    /** The table, and below it what the mark means if there is one. */
    public static List<Block> explain(Block.Grid verdicts) {
        boolean marked = verdicts.rows().stream().flatMap(List::stream).anyMatch(cell -> cell.endsWith(MARK));
        return marked
                ? List.of(
                        verdicts,
                        new Block.Prose("* at least one of the two had no calm round: a verdict on disturbed ones."))
                : List.of(verdicts);
    }
}
