package io.ringfence.dataplane.delivery;

import io.ringfence.vhostuser.memory.MemoryProbe;
import io.ringfence.vhostuser.virtqueue.BufferChain;
import java.lang.foreign.Arena;
import java.util.Objects;

/** Stands still where a worker may be preempted, so that a test can look at what the others do meanwhile. */
public final class Held {
    private Held() {}

    /** As if this member's worker were in the middle of a batch for the receiver. */
    public static void claim(ReceiveSide receiver, int member) {
        if (!receiver.claim.tryAcquire(Claim.strangeHolder(member))) {
            throw new AssertionError("the claim is held already");
        }
    }

    /** And now it goes on. */
    public static void release(ReceiveSide receiver) {
        receiver.claim.release();
        if (receiver.backlogged()) {
            receiver.ring();
        }
    }

    /** Whether nobody holds the claim. */
    public static boolean free(ReceiveSide receiver) {
        if (receiver.claim.tryAcquire(receiver.holder())) {
            receiver.claim.release();
            return true;
        }
        return false;
    }

    /** As if this sender's worker were in the middle of copying a frame into its handoff to the receiver. */
    public static void halfHandedOff(ReceiveSide receiver, int sender, int lengthBytes) {
        try {
            Objects.requireNonNull(receiver.backlog.senders.handoff(sender)).offer(vanishing(lengthBytes));
            throw new AssertionError("the copy was expected to end half way");
        } catch (IllegalStateException expected) {
            // closed memory: the record is reserved and not committed
        }
        receiver.signs.markBacklogged(sender);
    }

    /** A frame whose memory is gone when its bytes are copied. */
    static Frame vanishing(int lengthBytes) {
        Frame frame = new Frame(new BufferChain());
        try (Arena arena = Arena.ofConfined()) {
            frame.read(arena.allocate(lengthBytes), 0, lengthBytes, 0);
        }
        return frame;
    }

    /** As if a fault had struck a worker that holds the claim: whether the receiver's memory is found gone with this probe. */
    public static boolean memoryFoundGone(ReceiveSide receiver, MemoryProbe probe) {
        return receiver.shutIfMemoryLost(probe);
    }

    /** Whether any frame waits for the receiver. */
    public static boolean anyHandedOff(ReceiveSide receiver) {
        return receiver.backlog.senders.anyHandedOff();
    }
}
