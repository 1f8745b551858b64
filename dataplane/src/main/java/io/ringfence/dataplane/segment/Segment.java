package io.ringfence.dataplane.segment;

import io.ringfence.dataplane.delivery.Doorbell;
import io.ringfence.dataplane.delivery.Handoff;
import io.ringfence.dataplane.delivery.Peers;
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
import java.util.stream.IntStream;
import org.agrona.CloseHelper;
import org.agrona.concurrent.status.AtomicCounter;
import org.jspecify.annotations.Nullable;

/**
 * A network with its members and the handoffs between them. A member is a worker; addresses belong to VMs, which go by the
 * index of their first.
 *
 * <p>It says what each member is to know of the others; telling the workers, and waiting until they know, is the caller's.
 * A member keeps its index; that of one that has gone is given to a later one. Any control thread.
 */
public final class Segment implements AutoCloseable {
    /**
     * A VM that is to have members, one for each of its workers.
     *
     * @param assignedAddress its only source address, first byte lowest, or 0
     */
    public record Newcomer(long assignedAddress, List<Part> parts) {
        /** A VM with these workers. */
        public Newcomer {
            parts = List.copyOf(parts);
        }

        /** A VM with one worker. */
        public Newcomer(long assignedAddress, @Nullable SendLimit sendLimit, List<AtomicCounter> counters) {
            this(assignedAddress, List.of(new Part(sendLimit, counters)));
        }
    }

    /**
     * What belongs to one worker.
     *
     * @param sendLimit what it may send at most, or null for no limit
     * @param counters what is counted of it, by {@link io.ringfence.dataplane.telemetry.Counter#index}
     */
    public record Part(@Nullable SendLimit sendLimit, List<AtomicCounter> counters) {}

    /** What others need of a member before it is complete. */
    private record Seat(ReceiveSide receive, Doorbell doorbell, Latency latency, List<@Nullable Handoff> incoming) {}

    private final List<@Nullable Seat> seats = new ArrayList<>();
    private final List<Handoff> freed = new ArrayList<>();
    private Network network;

    /**
     * A network without members.
     *
     * @param mtu largest network-layer packet
     * @param macLimit addresses to learn behind one VM
     */
    public Segment(String name, int mtu, int macLimit) {
        network = new Network(name, mtu, new MacTable(1, macLimit));
    }

    /** What its members have in common now. */
    public synchronized Network network() {
        return network;
    }

    /**
     * Makes members, which know everybody; the others are to be told of them. Those of each newcomer, in the order of its parts.
     * All or none.
     */
    public synchronized List<List<Member>> add(List<Newcomer> newcomers) {
        List<@Nullable Seat> before = new ArrayList<>(seats);
        List<AutoCloseable> opened = new ArrayList<>();
        try {
            return add(newcomers, opened);
        } catch (RuntimeException | Error failure) {
            takeBack(before);
            CloseHelper.quietCloseAll(opened);
            throw failure;
        }
    }

    /** @param opened to this is added what would have to be closed */
    private List<List<Member>> add(List<Newcomer> newcomers, List<AutoCloseable> opened) {
        List<List<Integer>> indexes =
                newcomers.stream().map(newcomer -> seat(newcomer, opened)).toList();
        indexes.forEach(vm -> vm.forEach(index -> connect(index, opened)));
        if (seats.size() > network.addresses().members()) {
            replaceTable(
                    Integer.highestOneBit(seats.size()) << 1,
                    network.addresses().limitPerMember());
        }
        return IntStream.range(0, newcomers.size())
                .mapToObj(i -> members(newcomers.get(i), indexes.get(i), opened))
                .toList();
    }

    private void takeBack(List<@Nullable Seat> before) {
        for (int index = 0; index < seats.size(); index++) {
            if (index >= before.size() || before.get(index) == null) {
                int gone = index;
                before.stream()
                        .filter(seat -> seat != null && gone < seat.incoming().size())
                        .forEach(seat -> seat.incoming().set(gone, null));
            }
        }
        seats.clear();
        seats.addAll(before);
    }

    /** The free indexes for a VM, lowest first: its first worker has the lowest. */
    private List<Integer> seat(Newcomer newcomer, List<AutoCloseable> opened) {
        int workers = newcomer.parts().size();
        List<Integer> indexes = IntStream.iterate(0, index -> index + 1)
                .filter(index -> index >= seats.size() || seats.get(index) == null)
                .limit(workers)
                .boxed()
                .toList();
        for (int worker = 0; worker < workers; worker++) {
            int index = indexes.get(worker);
            Doorbell doorbell = new Doorbell();
            opened.add(doorbell);
            AtomicCounter[] counters = newcomer.parts().get(worker).counters().toArray(AtomicCounter[]::new);
            ReceiveSide receive = new ReceiveSide(index, indexes.getFirst(), workers, doorbell, new Tally(counters));
            while (seats.size() <= index) {
                seats.add(null);
            }
            seats.set(index, new Seat(receive, doorbell, new Latency(counters), new ArrayList<>()));
        }
        return indexes;
    }

    /** Makes the handoffs that a new member lacks, in both directions. */
    private void connect(int index, List<AutoCloseable> opened) {
        for (int other = 0; other < seats.size(); other++) {
            connect(other, index, opened);
            connect(index, other, opened);
        }
    }

    private void connect(int sender, int receiver, List<AutoCloseable> opened) {
        Seat from = seats.get(sender);
        Seat to = seats.get(receiver);
        if (to == null) {
            return;
        }
        while (to.incoming().size() < seats.size()) {
            to.incoming().add(null);
        }
        // Workers of one VM send nothing to each other.
        if (from != null
                && from.receive().vm() != to.receive().vm()
                && to.incoming().get(sender) == null) {
            Handoff handoff = new Handoff(network.maxFrameLength(), from.latency());
            opened.add(handoff);
            to.incoming().set(sender, handoff);
        }
    }

    private List<Member> members(Newcomer newcomer, List<Integer> indexes, List<AutoCloseable> opened) {
        return IntStream.range(0, indexes.size())
                .mapToObj(worker -> member(newcomer, newcomer.parts().get(worker), indexes.get(worker), opened))
                .toList();
    }

    private Member member(Newcomer newcomer, Part part, int index, List<AutoCloseable> opened) {
        Seat seat = require(index);
        EventSet events = EventSet.create();
        opened.add(events);
        events.add(seat.doorbell().event());
        Tally tally = new Tally(part.counters().toArray(AtomicCounter[]::new));
        GuestPort port = new GuestPort(
                newcomer.assignedAddress(),
                network,
                peers(index),
                seat.receive(),
                tally,
                seat.latency(),
                part.sendLimit());
        return new Member(port, seat.receive(), seat.doorbell(), events, tally);
    }

    private Seat require(int index) {
        Seat seat = seats.get(index);
        if (seat == null) {
            throw new IllegalStateException("network %s has no member %d".formatted(network.name(), index));
        }
        return seat;
    }

    /** The other members as this one is to know them. */
    public synchronized Peers peers(int member) {
        int count = seats.size();
        @Nullable ReceiveSide[] receivers = new ReceiveSide[count];
        @Nullable Handoff[] outgoing = new Handoff[count];
        @Nullable Handoff[] incoming = new Handoff[count];
        for (int i = 0; i < count; i++) {
            Seat seat = seats.get(i);
            if (seat != null) {
                receivers[i] = seat.receive();
                outgoing[i] = handoff(seat, member);
                incoming[i] = handoff(require(member), i);
            }
        }
        return new Peers(member, receivers, outgoing, incoming);
    }

    private static @Nullable Handoff handoff(Seat receiver, int sender) {
        return sender < receiver.incoming().size() ? receiver.incoming().get(sender) : null;
    }

    /**
     * Makes a member one that nobody is to know; what it shared with the others is kept until {@link #free}, when none of
     * them uses it any more.
     */
    public synchronized void remove(Member member) {
        int index = member.index();
        network.addresses().vacate(index);
        require(index).incoming().stream().filter(handoff -> handoff != null).forEach(freed::add);
        seats.set(index, null);
        for (Seat seat : seats) {
            Handoff handoff = seat == null ? null : handoff(seat, index);
            if (seat != null && handoff != null) {
                freed.add(handoff);
                seat.incoming().set(index, null);
            }
        }
    }

    /** Frees what removed members shared with others; once all workers know only those that {@link #peers} names. */
    public synchronized void free() {
        freed.forEach(Handoff::close);
        freed.clear();
    }

    /** Whether there is no member. */
    public synchronized boolean isEmpty() {
        return seats.stream().allMatch(seat -> seat == null);
    }

    /** Gives an address to a member's VM for good. */
    public synchronized void assign(long address, Member member) {
        network.addresses().assign(address, member.vm());
    }

    /** Forgets what was learned behind a member's VM: it has gone. */
    public synchronized void forget(Member member) {
        network.addresses().forgetMember(member.vm());
    }

    /** Forgets the addresses that were last seen before this time. */
    public synchronized void age(long beforeNanos) {
        network.addresses().age(beforeNanos);
    }

    /** Changes how many addresses may be learned behind a VM; the workers are to be told. */
    public synchronized void limitAddresses(int macLimit) {
        if (macLimit != network.addresses().limitPerMember()) {
            replaceTable(network.addresses().members(), macLimit);
        }
    }

    private void replaceTable(int members, int macLimit) {
        MacTable table = network.addresses().resized(members, macLimit);
        network = new Network(network.name(), network.mtu(), table);
    }

    /** Frees all handoffs; when no worker of the network runs any more. */
    @Override
    public synchronized void close() {
        free();
        for (Seat seat : seats) {
            if (seat != null) {
                seat.incoming().stream().filter(handoff -> handoff != null).forEach(Handoff::close);
            }
        }
        seats.clear();
    }
}
