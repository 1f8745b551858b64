package io.ringfence.dataplane.delivery;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** What {@link Claim} promises, under jcstress. */
public final class ClaimRaces {
    private ClaimRaces() {}

    /** Two workers fill one queue: one at a time, and the second sees what the first has written. */
    @JCStressTest
    @Outcome(id = "1, 1, 2", expect = ACCEPTABLE, desc = "One after the other, and the second saw the first's writes.")
    @Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "The second missed the claim.")
    @Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "The first missed the claim.")
    @Outcome(expect = FORBIDDEN, desc = "Both were inside at once, or one did not see the other's writes.")
    @State
    public static class OneAtATime {
        private final LentReceiver lent = LentReceiver.borrow();
        private final Claim claim = lent.side.claim;
        private int filled; // plain, like the fields of a queue

        /** A sender. */
        @Actor
        public void first(III_Result result) {
            result.r1 = fill(1);
        }

        /** Another. */
        @Actor
        public void second(III_Result result) {
            result.r2 = fill(2);
        }

        private int fill(int member) {
            if (!claim.tryAcquire(Claim.strangeHolder(member))) {
                return 0;
            }
            filled++;
            claim.release();
            return 1;
        }

        /** What is in the queue. */
        @Arbiter
        public void look(III_Result result) {
            result.r3 = filled;
            lent.giveBack();
        }
    }

    /**
     * A third worker holds the claim and lets go, while a frame is handed off and the receiver's worker, told of it,
     * misses the claim: then the holder must see the backlog, for nobody else will ring.
     */
    @JCStressTest
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "The holder rings, and the receiver got the claim anyway.")
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "The receiver missed the claim, the holder rings for it.")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "The holder was gone before; the receiver got the claim.")
    @Outcome(
            id = "false, false",
            expect = FORBIDDEN,
            desc = "Lost wake-up: claim missed, and the holder does not ring.")
    @State
    public static class BacklogBehindHolder {
        private final LentReceiver lent = LentReceiver.borrow();

        /** The batch of the third worker has begun. */
        public BacklogBehindHolder() {
            Held.claim(lent.side, LentReceiver.THIRD);
        }

        /** The end of its batch: {@link Delivery#finish}. */
        @Actor
        public void holder(ZZ_Result result) {
            lent.side.claim.release();
            result.r1 = lent.side.backlogged();
        }

        /** A sender, and the receiver's worker right after it: {@link Backlog#drain}. */
        @Actor
        public void receiver(ZZ_Result result) {
            lent.side.signs.markBacklogged(LentReceiver.SENDER);
            result.r2 = lent.side.claim.tryAcquire(Claim.strangeHolder(LentReceiver.RECEIVER));
        }

        /** Ends the round. */
        @Arbiter
        public void end(ZZ_Result result) {
            if (result.r2) {
                lent.side.claim.release();
            }
            lent.giveBack();
        }
    }
}
