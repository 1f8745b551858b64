package io.ringfence.dataplane.delivery;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;
import org.openjdk.jcstress.infra.results.Z_Result;

/** What {@link Handoff}, the backlog flag and the {@link Doorbell} promise together, under jcstress. */
public final class BacklogRaces {
    private BacklogRaces() {}

    /** A frame is handed off while the receiver's worker, having drained everything, takes the backlog back. */
    @JCStressTest
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Taken back before the frame came, and set again for it.")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "The worker saw the frame and left the backlog standing.")
    @Outcome(id = "true, false", expect = FORBIDDEN, desc = "Lost frame: it waits in the handoff without a backlog.")
    @Outcome(expect = FORBIDDEN, desc = "The frame was seen and the backlog is gone nevertheless.")
    @State
    public static class TakenBack {
        private final LentReceiver lent = LentReceiver.borrow();

        /** An earlier frame has set the backlog and is drained. */
        public TakenBack() {
            lent.side.signs.markBacklogged(LentReceiver.SENDER);
        }

        /** {@link Delivery}: hands a frame off. */
        @Actor
        public void sender() {
            lent.offer(1);
            lent.side.signs.markBacklogged(LentReceiver.SENDER);
        }

        /** {@link Backlog#drain}: has found the handoffs empty. */
        @Actor
        public void receiver(ZZ_Result result) {
            result.r1 = lent.side.signs.clear(lent.side.backlog.senders);
        }

        /** Whether anybody will come for the frame. */
        @Arbiter
        public void end(ZZ_Result result) {
            result.r2 = lent.side.backlogged();
            lent.giveBack();
        }
    }

    /** A frame is handed off while the holder of the claim, having found the handoff empty, stops looking at its sender. */
    @JCStressTest
    @Outcome(id = "true", expect = ACCEPTABLE, desc = "Who comes for the backlog looks at this sender.")
    @Outcome(expect = FORBIDDEN, desc = "Lost frame: nobody looks into that handoff any more.")
    @State
    public static class Settled {
        private final LentReceiver lent = LentReceiver.borrow();

        /** An earlier frame of this sender is drained. */
        public Settled() {
            lent.side.signs.markBacklogged(LentReceiver.SENDER);
        }

        /** {@link Delivery}: hands a frame off. */
        @Actor
        public void sender() {
            lent.offer(1);
            lent.side.signs.markBacklogged(LentReceiver.SENDER);
        }

        /** {@link Backlog}: has found the handoff empty. */
        @Actor
        public void holder() {
            lent.side.backlog.senders.settle(LentReceiver.SENDER);
        }

        /** Whether the frame will be found. */
        @Arbiter
        public void end(Z_Result result) {
            result.r1 = lent.side.backlog.senders.anyHandedOff();
            lent.giveBack();
        }
    }

    /** The receiver's worker goes to sleep while it is told of a frame that was handed off. */
    @JCStressTest
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "It saw the frame, and was rung for as well.")
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "It saw the frame; the sender saw it awake.")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "It saw nothing, and is woken.")
    @Outcome(id = "false, false", expect = FORBIDDEN, desc = "Lost wake-up: it sleeps, and a frame waits for it.")
    @State
    public static class GoingToSleep {
        private final LentReceiver lent = LentReceiver.borrow();

        /** The frame is in the handoff: copying it now would only keep the two sides from meeting. */
        public GoingToSleep() {
            lent.offer(1);
        }

        /** {@link Delivery}: marks the backlog and rings. */
        @Actor
        public void sender() {
            lent.side.signs.markBacklogged(LentReceiver.SENDER);
            lent.side.ring();
        }

        /** The worker: listens, looks once more, and would block. */
        @Actor
        public void receiver(ZZ_Result result) {
            lent.doorbell.listen();
            result.r1 = lent.side.backlogged();
        }

        /** Whether blocking would have ended at once. */
        @Arbiter
        public void end(ZZ_Result result) {
            result.r2 = lent.rung();
            lent.giveBack();
        }
    }

    /**
     * The receiver's worker is back by its guest's kick, for it lacked buffers, while another has just emptied the handoff,
     * and a new frame comes.
     */
    @JCStressTest
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "It saw the backlog, and was rung for as well.")
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "It saw the backlog.")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "It saw none, and is woken.")
    @Outcome(
            id = "false, false",
            expect = FORBIDDEN,
            desc = "Lost wake-up: it waits for a kick that it has had already.")
    @State
    public static class BackByAKick {
        private final LentReceiver lent = LentReceiver.borrow();

        /** The claim is held by whoever has emptied the handoff. */
        public BackByAKick() {
            lent.side.signs.markBacklogged(LentReceiver.SENDER);
            Held.claim(lent.side, LentReceiver.THIRD);
            lent.side.signs.starved(true);
        }

        /** {@link Backlog#help}, and the end of {@link Delivery#finish}. */
        @Actor
        public void holder() {
            lent.side.signs.clear(lent.side.backlog.senders);
            lent.side.letGo();
        }

        /**
         * {@link Delivery} hands a frame off. Then the worker looks for a backlog as {@link Backlog#drain} does, listens, looks
         * once more, and would block. One after the other, as on one CPU; the race is with the holder.
         */
        @Actor
        public void senderAndReceiver(ZZ_Result result) {
            lent.offer(1);
            lent.side.signs.markBacklogged(LentReceiver.SENDER);
            boolean seen = lent.side.backlogged();
            if (!seen) {
                lent.doorbell.listen();
                seen = lent.side.backlogged() && !lent.side.starved();
            }
            result.r1 = seen;
        }

        /** Whether blocking would have ended at once. */
        @Arbiter
        public void end(ZZ_Result result) {
            result.r2 = lent.rung();
            lent.giveBack();
        }
    }

    /** Two frames go in while the receiver takes what is there. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Neither was there yet.")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "The first came between the two looks.")
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "The first only.")
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "Both, in order.")
    @Outcome(expect = FORBIDDEN, desc = "Out of order, twice, or not whole (-1).")
    @State
    public static class InOrder {
        private final LentReceiver lent = LentReceiver.borrow();

        /** Hands two frames off. */
        @Actor
        public void sender() {
            lent.offer(1);
            lent.offer(2);
        }

        /** Takes up to two. */
        @Actor
        public void receiver(II_Result result) {
            result.r1 = lent.take();
            result.r2 = lent.take();
        }

        /** Ends the round. */
        @Arbiter
        public void end() {
            lent.giveBack();
        }
    }
}
