package io.ringfence.dataplane.delivery;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The other members of a network as one of them sees them: their receive sides, and the handoffs to and from them.
 *
 * <p>A member is a worker. Those of a VM with several are one address to all others ({@link ReceiveSide#vm}), and none of them
 * sends to another.
 *
 * <p>Never changed: when members come or go, the control plane makes new ones and hands them to each worker, and what only
 * the old ones name is freed after every worker has taken the new ones on. Indexes stay what they are; that of a member
 * that has gone is empty until another gets it.
 */
public final class Peers {
    private final @Nullable ReceiveSide[] byMember;
    private final @Nullable ReceiveSide own;
    private final ReceiveSide[] others;
    private final ReceiveSide[] otherVms;
    private final int vm;
    /** Added to the flow: else all VMs with one queue pair would send to the same worker. */
    private final int offset;
    /** The workers of each other VM, by the index of its first; null if none has several. */
    private final ReceiveSide @Nullable [][] teams;

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
        own = receivers[member];
        vm = own == null ? member : own.vm();
        // Between VMs with several workers each, what is sent by a queue pair comes back by it.
        offset = own == null || own.workers() == 1 ? vm : 0;
        List<ReceiveSide> present = new ArrayList<>();
        List<ReceiveSide> firsts = new ArrayList<>();
        for (ReceiveSide receiver : receivers) {
            if (receiver != null && receiver.vm() != vm) {
                present.add(receiver);
                if (receiver.vm() == receiver.member()) {
                    firsts.add(receiver);
                }
            }
        }
        others = present.toArray(ReceiveSide[]::new);
        otherVms = firsts.toArray(ReceiveSide[]::new);
        teams = otherVms.length == others.length ? null : teams(others, receivers.length);
    }

    private static ReceiveSide[][] teams(ReceiveSide[] others, int indexes) {
        ReceiveSide[][] byVm = new ReceiveSide[indexes][0];
        for (ReceiveSide worker : others) {
            ReceiveSide[] before = byVm[worker.vm()];
            byVm[worker.vm()] = Arrays.copyOf(before, before.length + 1);
            byVm[worker.vm()][before.length] = worker;
        }
        return byVm;
    }

    /** Indexes in use, empty ones included: one more than the highest. */
    public int indexes() {
        return byMember.length;
    }

    /** The receive side of a member; null if that index is empty. */
    public @Nullable ReceiveSide receiver(int member) {
        return member < byMember.length ? byMember[member] : null;
    }

    /** The receive sides of all members of other VMs, in no order that matters; not to be changed. */
    public ReceiveSide[] others() {
        return others;
    }

    /** Of each other VM the receive side of its first worker, which stands for the VM; not to be changed. */
    public ReceiveSide[] otherVms() {
        return otherVms;
    }

    /** The VM of the member that sees them: the index of its first worker. */
    public int vm() {
        return vm;
    }

    /**
     * Where frames of a flow go that are for another VM: always to the same of its workers, as long as the guest uses the same
     * of its receive queues.
     *
     * @param first stands for the VM
     */
    public ReceiveSide workerOf(ReceiveSide first, int flow) {
        ReceiveSide[][] several = teams;
        if (several == null) {
            return first;
        }
        ReceiveSide[] team = several[first.vm()];
        return team.length == 1 ? first : serving(team, flow + offset);
    }

    /** Flows are spread over the workers that have queues: guests may use fewer pairs than there are workers. */
    private static ReceiveSide serving(ReceiveSide[] team, int flow) {
        int serving = 0;
        for (ReceiveSide worker : team) {
            serving += worker.serves() ? 1 : 0;
        }
        int turn = serving == 0 ? 0 : flow % serving;
        for (ReceiveSide worker : team) {
            if (worker.serves() && turn-- == 0) {
                return worker;
            }
        }
        return team[0]; // nobody serves, or no longer: what is sent there is dropped
    }

    /** Whether the holder of a claim is known to run on another CPU than the member that sees them. */
    boolean runsElsewhere(int holder) {
        ReceiveSide self = own;
        for (ReceiveSide side : byMember) {
            if (self != null && side != null && side.holder() == holder) {
                return side.cpu() != self.cpu();
            }
        }
        return false;
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
