package io.ringfence.dataplane.delivery;

import io.ringfence.scheduler.NativeThread;
import java.util.Arrays;

/**
 * The claims that one worker holds, each until the end of its batch.
 *
 * <p>Several may be held, which cannot deadlock because none is waited for without an end. Owned by the worker.
 */
final class HeldClaims {
    /** Frames in hand for which a claim is worth a wait: handed off, each costs another copy, and most of it on its receiver's time. */
    private static final int WORTH_SPINNING_FRAMES = 16;

    /** How long: a holder that goes on meanwhile is through with its batch then. */
    private static final long SPIN_NANOS = 10_000;

    private static final int TRIES_BETWEEN_CLOCKS = 16;

    private int holder;
    private Peers peers;
    private ReceiveSide[] held = {};
    private boolean[] holding = {};
    private int count;
    private int recentCount;
    /** Whether this batch has not yet waited for a claim. */
    private boolean maySpin = true;

    /** @param holder by which claims know this worker, until its thread is known */
    HeldClaims(int holder, Peers peers) {
        this.holder = holder;
        this.peers = peers;
        know(peers);
    }

    /** The thread by which claims know this worker from now on; between two visits. */
    void heldBy(int threadId) {
        holder = threadId;
    }

    /** These are the others from now on; between two visits, when nothing is held. */
    void know(Peers next) {
        peers = next;
        // Whom the last batch went to is kept: a fault may still turn out to be one of theirs.
        held = Arrays.copyOf(held, next.indexes());
        holding = Arrays.copyOf(holding, next.indexes());
    }

    /** Whether this one's claim is held. */
    boolean has(ReceiveSide to) {
        return holding[to.member()];
    }

    /** How many are held. */
    int count() {
        return count;
    }

    /** Whose claim it is: of those held, in the order in which they were taken. */
    ReceiveSide get(int i) {
        return held[i];
    }

    /** Takes a claim that is not held here, if nobody else has it. */
    boolean tryTake(ReceiveSide to) {
        return to.claim.tryAcquire(holder) && note(to);
    }

    /**
     * As {@link #tryTake}, or waits a moment if its holder runs on another CPU: two floods for one receiver that meet would else hand
     * off half of their frames. Once a batch, and not while this worker has others wait for a claim of its own. A holder on this CPU
     * stands still meanwhile, for it was interrupted by this worker.
     *
     * @param frames in hand for that one
     */
    boolean take(ReceiveSide to, int frames) {
        return tryTake(to) || (frames >= WORTH_SPINNING_FRAMES && spin(to) && note(to));
    }

    private boolean spin(ReceiveSide to) {
        if (!maySpin || count > 0 || !peers.runsElsewhere(to.claim.holder())) {
            return false;
        }
        maySpin = false;
        long untilNanos = System.nanoTime() + SPIN_NANOS;
        do {
            for (int i = 0; i < TRIES_BETWEEN_CLOCKS; i++) {
                Thread.onSpinWait();
                if (to.claim.tryAcquire(holder)) {
                    return true;
                }
            }
        } while (System.nanoTime() - untilNanos < 0);
        return false;
    }

    /** Waits for a claim, and lends this worker's deadline to its holder; false if it was not had in time. */
    boolean takeLending(ReceiveSide to, NativeThread self, long untilNanos) {
        return to.claim.acquireLending(self, untilNanos) && note(to);
    }

    private boolean note(ReceiveSide to) {
        holding[to.member()] = true;
        held[count++] = to;
        return true;
    }

    /** The batch is over; those held are about to be let go. */
    void endBatch() {
        recentCount = count;
        maySpin = true;
    }

    /** Gives one back; {@link #noneLeft} when that was done with all. */
    void letGo(int i) {
        ReceiveSide to = held[i];
        holding[to.member()] = false;
        to.letGo();
    }

    void noneLeft() {
        count = 0;
    }

    /**
     * After a fault anywhere in this worker: takes those of the last batch again, if nobody else has them, and forgets what it held.
     * Compiled code learns of a fault a little later than it happens: perhaps after it has let go. What is recorded as held may lag
     * behind by the step that was interrupted; {@link #isHolder} does not.
     *
     * @return whether there were any
     */
    boolean takeRecentAgain() {
        for (int i = 0; i < recentCount; i++) {
            boolean ignored = held[i].claim.heldBy(holder) || held[i].claim.tryAcquire(holder);
        }
        count = 0;
        Arrays.fill(holding, false);
        return recentCount > 0;
    }

    /** Whether the claim itself says that this worker holds it. */
    boolean isHolder(ReceiveSide to) {
        return to.claim.heldBy(holder);
    }
}
