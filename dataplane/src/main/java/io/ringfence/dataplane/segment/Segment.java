package io.ringfence.dataplane.segment;

import io.ringfence.dataplane.delivery.Peers;
import io.ringfence.dataplane.network.MacTable;
import io.ringfence.dataplane.network.Network;
import io.ringfence.dataplane.port.GuestPort;
import io.ringfence.dataplane.port.SendLimit;
import io.ringfence.dataplane.segment.Seats.Seat;
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

    private final Seats seats;
    private Network network;

    /**
     * A network without members.
     *
     * @param mtu largest network-layer packet
     * @param macLimit addresses to learn behind one VM
     */
    public Segment(String name, int mtu, int macLimit) {
        network = new Network(name, mtu, new MacTable(1, macLimit));
        seats = new Seats(name, network.maxFrameLength());
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
        List<@Nullable Seat> before = seats.seated();
        List<AutoCloseable> opened = new ArrayList<>();
        try {
            return add(newcomers, opened);
        } catch (RuntimeException | Error failure) {
            seats.restore(before);
            CloseHelper.quietCloseAll(opened);
            throw failure;
        }
    }

    /** @param opened to this is added what would have to be closed */
    private List<List<Member>> add(List<Newcomer> newcomers, List<AutoCloseable> opened) {
        List<List<Integer>> indexes = newcomers.stream()
                .map(newcomer -> seats.take(newcomer.parts(), opened))
                .toList();
        indexes.forEach(vm -> vm.forEach(index -> seats.connect(index, opened)));
        if (seats.count() > network.addresses().members()) {
            replaceTable(
                    Integer.highestOneBit(seats.count()) << 1,
                    network.addresses().limitPerMember());
        }
        return IntStream.range(0, newcomers.size())
                .mapToObj(i -> members(newcomers.get(i), indexes.get(i), opened))
                .toList();
    }

    private List<Member> members(Newcomer newcomer, List<Integer> indexes, List<AutoCloseable> opened) {
        return IntStream.range(0, indexes.size())
                .mapToObj(worker -> member(newcomer, newcomer.parts().get(worker), indexes.get(worker), opened))
                .toList();
    }

    private Member member(Newcomer newcomer, Part part, int index, List<AutoCloseable> opened) {
        Seat seat = seats.require(index);
        EventSet events = EventSet.create();
        opened.add(events);
        events.add(seat.doorbell().event());
        Tally tally = new Tally(part.counters().toArray(AtomicCounter[]::new));
        GuestPort port = new GuestPort(
                newcomer.assignedAddress(),
                network,
                seats.peers(index),
                seat.receive(),
                tally,
                seat.latency(),
                part.sendLimit());
        return new Member(port, seat.receive(), seat.doorbell(), events, tally);
    }

    /** The other members as this one is to know them. */
    public synchronized Peers peers(int member) {
        return seats.peers(member);
    }

    /**
     * Makes a member one that nobody is to know; what it shared with the others is kept until {@link #free}, when none of
     * them uses it any more.
     */
    public synchronized void remove(Member member) {
        network.addresses().vacate(member.index());
        seats.vacate(member.index());
    }

    /** Frees what removed members shared with others; once all workers know only those that {@link #peers} names. */
    public synchronized void free() {
        seats.free();
    }

    /** Whether there is no member. */
    public synchronized boolean isEmpty() {
        return seats.isEmpty();
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
        seats.close();
    }
}
