package io.ringfence.bench.report;

import java.util.List;

/** What reports say of latencies that have no end, because the frames did not arrive. */
public final class Unarrived {
    private Unarrived() {}

    /** The part of a report about it; none if it has no such latency. */
    public static List<Block> explain(List<Block> report) {
        return TextReport.of(report).contains(Numbers.INFINITE)
                ? List.of(new Block.Prose(
                        ("%s: so many of the frames that were due were lost, or could not be sent, that this percentile is"
                                        + " of one that never arrived. Curves are of those that did.")
                                .formatted(Numbers.INFINITE)))
                : List.of();
    }
}
