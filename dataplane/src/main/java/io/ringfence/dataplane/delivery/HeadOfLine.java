package io.ringfence.dataplane.delivery;

/**
 * How long the first frame of a line may wait for somebody who cannot take it now, while those behind it wait, too, also
 * for others.
 *
 * <p>Whoever makes no progress is given up after {@link #PATIENCE_NANOS}, and those who make some, but little, may together hold
 * up the line for half of the time at most. Owned by whoever owns the line.
 */
public final class HeadOfLine {
    /** Longer than the periods that workers usually have: the receiver's own worker may have to come by. */
    private static final long PATIENCE_NANOS = 2_000_000;

    /** What may add up, beyond half of the time, before waiting is refused. */
    private static final long STALL_LIMIT_NANOS = 1_000_000;

    private static final int NOBODY = -1;

    private boolean alone;
    /** For whom the first frame waits. */
    private int waitingFor = NOBODY;

    private long sinceNanos;
    private long stalledNanos;
    private long countedNanos;

    /** Whether all of the line is for one: then nobody else's frames can be held up, and only the patience counts. */
    public void alone(boolean onlyOne) {
        alone = onlyOne;
    }

    /** Whether the first frame waits. */
    boolean waits() {
        return waitingFor != NOBODY;
    }

    /** Whether the first frame waits for this one. */
    public boolean waitsFor(int whom) {
        return waitingFor == whom;
    }

    /** The first frame, if it waited, has gone without having been brought anywhere. */
    public void forget() {
        waitingFor = NOBODY;
    }

    /** The first frame found no room: whether to keep it for later. */
    public boolean waits(int whom, long nowNanos) {
        if (waitingFor != whom) {
            passed(nowNanos);
            if (!alone && stalled(nowNanos) > STALL_LIMIT_NANOS) {
                return false;
            }
            waitingFor = whom;
            sinceNanos = nowNanos;
        }
        return nowNanos - sinceNanos < PATIENCE_NANOS;
    }

    /** The first frame has gone: none waits any more. */
    public void passed(long nowNanos) {
        if (waitingFor != NOBODY) {
            waitingFor = NOBODY;
            if (!alone) {
                stalledNanos = stalled(nowNanos) + nowNanos - sinceNanos;
            }
        }
    }

    /** Time spent waiting, for whomever, of which half of the time that has passed is forgiven. */
    private long stalled(long nowNanos) {
        long forgiven = (nowNanos - countedNanos) / 2;
        countedNanos = nowNanos;
        stalledNanos = Math.max(0, stalledNanos - forgiven);
        return stalledNanos;
    }
}
