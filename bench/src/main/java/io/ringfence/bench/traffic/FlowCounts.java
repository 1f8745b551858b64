package io.ringfence.bench.traffic;

/**
 * The frames of one flow during an interval or a run.
 *
 * @param sent frames put into the transmit queue
 * @param unsent frames that were due and never left: a paced flood gives up what is beyond a turn's frames and a whole transmit
 *     queue, whether that is full or not, and every flow what had not left by the end
 * @param late frames that left late because the driving thread was late, not because the queue was full
 * @param received different frames that arrived intact
 * @param inTime those of them that arrived before the end of the run, not in the drain after it
 * @param corrupt frames that arrived with other content than was sent
 * @param missing frames that later ones overtook and that have not arrived; an interval's may be negative
 * @param duplicates frames that arrived again
 * @param reordered frames that arrived after a later one
 * @param discarded latencies that were not recorded because the driving thread was away meanwhile
 */
public record FlowCounts(
        long sent,
        long unsent,
        long late,
        long received,
        long inTime,
        long corrupt,
        long missing,
        long duplicates,
        long reordered,
        long discarded) {
    /** Nothing yet. */
    static final FlowCounts NONE = new FlowCounts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** Frames that were sent and have not arrived intact. */
    public long lost() {
        return sent - received;
    }

    /** Frames that were due and have not arrived intact, whether they left or not. */
    public long lostOrUnsent() {
        return lost() + unsent;
    }

    /** What came since an earlier reading. */
    FlowCounts since(FlowCounts earlier) {
        return new FlowCounts(
                sent - earlier.sent,
                unsent - earlier.unsent,
                late - earlier.late,
                received - earlier.received,
                inTime - earlier.inTime,
                corrupt - earlier.corrupt,
                missing - earlier.missing,
                duplicates - earlier.duplicates,
                reordered - earlier.reordered,
                discarded - earlier.discarded);
    }
}
