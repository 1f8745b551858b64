package io.ringfence.dataplane.delivery;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The other members of a network as one of them sees them: their receive sides, and the handoffs to and from them.
 *
 * <p>Never changed: when members come or go, the control plane makes new ones and hands them to each worker, and what only
 * the old ones name is freed after every worker has taken the new ones on. Indexes stay what they are; that of a member
 * that has gone is empty until another gets it.
 */
public final class Peers {
    private final @Nullable ReceiveSide[] byMember;
    private final ReceiveSide[] others;
    private final @Nullable Handoff[] outgoing;
    private final @Nullable Handoff[] incoming;

    /**
     * @param member index of the one who sees them
     * @param receivers all members' receive sides by index, its own too; null where there is none
     * @param outgoing the handoff that this member fills, by receiver; null at its own index and where there is nobody
     * @param incoming the handoff that this member drains, by sender; likewise
     */
    public Peers(
            int member, @Nullable ReceiveSide[] receivers, @Nullable Handoff[] outgoing, @Nullable Handoff[] incoming) {
        this.byMember = receivers.clone();
        this.outgoing = outgoing.clone();
        this.incoming = incoming.clone();
        List<ReceiveSide> present = new ArrayList<>();
        for (ReceiveSide receiver : receivers) {
            if (receiver != null && receiver.member() != member) {
                present.add(receiver);
            }
        }
        others = present.toArray(ReceiveSide[]::new);
    }

    /** Indexes in use, empty ones included: one more than the highest. */
    public int indexes() {
        return byMember.length;
    }

    /** The receive side of a member; null if that index is empty. */
    public @Nullable ReceiveSide receiver(int member) {
        return member < byMember.length ? byMember[member] : null;
    }

    /** The receive sides of all other members, in no order that matters; not to be changed. */
    public ReceiveSide[] others() {
        return others;
    }

    Handoff handoffTo(ReceiveSide receiver) {
        Handoff handoff = outgoing[receiver.member()];
        if (handoff == null) {
            throw new IllegalStateException("no handoff to member " + receiver.member());
        }
        return handoff;
    }

    @Nullable
    Handoff[] incoming() {
        return incoming;
    }
}
