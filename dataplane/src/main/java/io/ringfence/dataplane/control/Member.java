package io.ringfence.dataplane.control;

import io.ringfence.dataplane.delivery.Doorbell;
import io.ringfence.dataplane.delivery.Handoff;
import io.ringfence.dataplane.delivery.ReceiveSide;
import io.ringfence.dataplane.network.MacTable;
import io.ringfence.dataplane.network.Network;
import io.ringfence.dataplane.port.GuestPort;
import io.ringfence.dataplane.port.SendLimit;
import io.ringfence.dataplane.telemetry.Latency;
import io.ringfence.dataplane.telemetry.Tally;
import io.ringfence.vhostuser.event.EventSet;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.agrona.concurrent.status.AtomicCounter;
import org.jspecify.annotations.Nullable;

/**
 * One VM's parts in its network, put together.
 *
 * @param port its packet work
 * @param receive what other members see of it
 * @param doorbell wakes its worker
 * @param events what its worker blocks on; holds the doorbell
 * @param tally its worker's own counts
 */
record Member(GuestPort port, ReceiveSide receive, Doorbell doorbell, EventSet events, Tally tally)
        implements AutoCloseable {

    /**
     * What a network is made of.
     *
     * @param name as configured
     * @param mtu largest network-layer packet
     * @param macLimit addresses to learn behind one member
     * @param assignedAddresses by member: its only source address, first byte lowest, or 0
     * @param sendLimits by member: what it may send at most, or null for no limit
     * @param counters by member
     */
    record Plan(
            String name,
            int mtu,
            int macLimit,
            List<Long> assignedAddresses,
            IntFunction<@Nullable SendLimit> sendLimits,
            IntFunction<AtomicCounter[]> counters) {}

    /** A network and its members, by index. */
    record Segment(Network network, List<Member> members) {}

    /** Builds a network with all its members and the handoffs between them. */
    static Segment build(Plan plan) {
        int count = plan.assignedAddresses().size();
        MacTable addresses = new MacTable(count, plan.macLimit());
        List<ReceiveSide> receivers = new ArrayList<>();
        List<Doorbell> doorbells = new ArrayList<>();
        List<AtomicCounter[]> counters = new ArrayList<>();
        List<Latency> latencies = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            counters.add(plan.counters().apply(i));
            latencies.add(new Latency(counters.get(i)));
        }
        for (int i = 0; i < count; i++) {
            doorbells.add(new Doorbell());
            receivers.add(new ReceiveSide(
                    i, handoffs(i, plan.mtu() + 22, latencies), doorbells.get(i), new Tally(counters.get(i))));
            if (plan.assignedAddresses().get(i) != 0) {
                addresses.assign(plan.assignedAddresses().get(i), i);
            }
        }
        Network network = new Network(plan.name(), plan.mtu(), receivers, addresses);
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            EventSet events = EventSet.create();
            events.add(doorbells.get(i).event());
            Tally tally = new Tally(counters.get(i));
            GuestPort port = new GuestPort(
                    plan.assignedAddresses().get(i),
                    network,
                    receivers.get(i),
                    tally,
                    latencies.get(i),
                    plan.sendLimits().apply(i));
            members.add(new Member(port, receivers.get(i), doorbells.get(i), events, tally));
        }
        return new Segment(network, members);
    }

    private static @Nullable Handoff[] handoffs(int receiver, int maxFrameLength, List<Latency> latencies) {
        @Nullable Handoff[] handoffs = new Handoff[latencies.size()];
        for (int sender = 0; sender < handoffs.length; sender++) {
            if (sender != receiver) {
                handoffs[sender] = new Handoff(maxFrameLength, latencies.get(sender));
            }
        }
        return handoffs;
    }

    @Override
    public void close() {
        events.close();
        doorbell.close();
        receive.close();
    }
}
