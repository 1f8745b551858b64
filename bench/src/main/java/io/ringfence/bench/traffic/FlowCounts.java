package io.ringfence.bench.traffic;

/**
 * The frames of one station during an interval or a run.
 *
 * @param sent frames put into its transmit queue
 * @param received different frames that arrived intact
 * @param corrupt frames that arrived with other content than was sent
 * @param missing frames that later ones overtook and that have not arrived; an interval's may be negative
 * @param duplicates frames that arrived again
 * @param reordered frames that arrived after a later one
 */
public record FlowCounts(long sent, long received, long corrupt, long missing, long duplicates, long reordered) {
    /** Nothing yet. */
    static final FlowCounts NONE = new FlowCounts(0, 0, 0, 0, 0, 0);

    /** What came since an earlier reading. */
    FlowCounts since(FlowCounts earlier) {
        return new FlowCounts(
                sent - earlier.sent,
                received - earlier.received,
                corrupt - earlier.corrupt,
                missing - earlier.missing,
                duplicates - earlier.duplicates,
                reordered - earlier.reordered);
    }
}
