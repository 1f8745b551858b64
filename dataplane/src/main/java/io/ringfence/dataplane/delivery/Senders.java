package io.ringfence.dataplane.delivery;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The handoffs of all who send to one VM, and whose turn it is.
 *
 * <p>Deficit round robin (Shreedhar and Varghese, 1995): each sender gets the same bytes a round, whatever the size of its
 * frames, so that a flood cannot crowd out a neighbour.
 *
 * <p>Of all members only those are looked at that have handed something off: each look at a handoff is some cache lines, in
 * a network of 64 members more than a microsecond for a single frame.
 *
 * <p>Belongs to the holder of the {@link Claim}.
 */
final class Senders {
    /** One full Ethernet frame and a bit: every sender can send at least one a round, until jumbo frames save up. */
    private static final int QUANTUM_BYTES = 2048;

    private final BacklogSigns signs;
    private @Nullable Handoff[] incoming = {};
    private int[] deficits = {};
    /** Whose frames were taken since latencies were noted last: as the bits of {@link BacklogSigns#senders}. */
    private long takenFrom;

    private int next;
    private boolean interrupted;

    Senders(BacklogSigns signs) {
        this.signs = signs;
    }

    /** Has these from now on; frames that were dropped, because those who had sent them are gone. */
    int replace(@Nullable Handoff[] senders) {
        int dropped = 0;
        for (int sender = 0; sender < deficits.length; sender++) {
            Handoff before = incoming[sender];
            if (before != null && before != senders[sender]) {
                dropped += before.discard();
                deficits[sender] = 0;
            }
        }
        deficits = Arrays.copyOf(deficits, senders.length);
        next = 0;
        interrupted = false;
        incoming = senders;
        for (int sender = 0; sender < Math.min(senders.length, Long.SIZE); sender++) {
            signs.mayWait(sender);
        }
        return dropped;
    }

    /** Turns in a round. */
    int count() {
        return incoming.length;
    }

    /** The handoff of a sender; null if there is none. */
    @Nullable
    Handoff handoff(int sender) {
        return incoming[sender];
    }

    /** Whether any handoff holds a frame. */
    boolean anyHandedOff() {
        long waiting = signs.senders();
        for (int sender = 0; waiting != 0 && sender < incoming.length; sender++) {
            if (isIn(waiting, sender) && holdsFrames(sender)) {
                return true;
            }
        }
        return false;
    }

    /** Begins the next turn, or goes on with one that was interrupted; null if there is nothing: it is over then. */
    @Nullable
    Handoff beginTurn() {
        int sender = next;
        if (!isIn(signs.senders(), sender)) {
            pass();
            return null;
        }
        Handoff handoff = incoming[sender];
        if (handoff == null || handoff.isEmpty()) {
            settle(sender);
            pass();
            return null;
        }
        takenFrom |= 1L << sender;
        if (!interrupted) {
            deficits[sender] += QUANTUM_BYTES;
        }
        return handoff;
    }

    /** Bytes that are left to the turn. */
    int allowedBytes() {
        return deficits[next];
    }

    /** Breaks a turn off, which is to go on next time: else few buffers, or small drains, would be shared out by frames, not bytes. */
    void interruptTurn(int takenBytes) {
        deficits[next] -= takenBytes;
        interrupted = true;
    }

    /** Ends a turn in which so many bytes were taken from this handoff; the bytes it got through: none if it was for nothing. */
    int endTurn(Handoff handoff, int takenBytes) {
        int sender = next;
        pass();
        if (handoff.reachedByteLimit()) {
            deficits[sender] -= takenBytes;
            return Math.max(takenBytes, 1); // saving up for a frame longer than the quantum is progress too
        }
        deficits[sender] = 0; // whoever does not use up his turn saves nothing
        return takenBytes;
    }

    private void pass() {
        interrupted = false;
        next = next + 1 == deficits.length ? 0 : next + 1;
    }

    /** Does not look at a sender any more, until it hands something off again. */
    void settle(int sender) {
        deficits[sender] = 0; // whoever has nothing saves nothing
        signs.noneWaits(sender);
        // A sender offers first and writes its bit second, we the other way round: its bit stands, or we see its frame.
        for (int sharing = sender % Long.SIZE; sharing < incoming.length; sharing += Long.SIZE) {
            if (holdsFrames(sharing)) {
                signs.mayWait(sharing);
                return;
            }
        }
    }

    /** For the warm-up: a frame has come while its sender is about not to be looked at any more, which is seldom. Under the claim. */
    void rehearse() {
        for (int sender = 0; sender < incoming.length; sender++) {
            settle(sender);
        }
    }

    /**
     * Notes the latencies of all that was taken since the last time.
     *
     * @param starvedNanos how long ago the receiver last had no room
     */
    void noteLatencies(long nowNanos, long starvedNanos) {
        for (int sender = 0; sender < incoming.length; sender++) {
            Handoff handoff = isIn(takenFrom, sender) ? incoming[sender] : null;
            if (handoff != null) {
                handoff.noteLatency(nowNanos, starvedNanos);
            }
        }
        takenFrom = 0;
    }

    private boolean holdsFrames(int sender) {
        Handoff handoff = incoming[sender];
        return handoff != null && !handoff.isEmpty();
    }

    private static boolean isIn(long senders, int sender) {
        return (senders & 1L << sender) != 0;
    }
}
