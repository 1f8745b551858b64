package io.ringfence.dataplane.segment;

import io.ringfence.dataplane.delivery.Doorbell;
import io.ringfence.dataplane.delivery.Handoff;
import io.ringfence.dataplane.delivery.Peers;
import io.ringfence.dataplane.delivery.ReceiveSide;
import io.ringfence.dataplane.telemetry.Latency;
import io.ringfence.dataplane.telemetry.Tally;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.agrona.concurrent.status.AtomicCounter;
import org.jspecify.annotations.Nullable;

/**
 * The places of a network's members, by index, and the handoffs from each to each.
 *
 * <p>Used under the lock of its {@link Segment}. Workers never see it: each has {@link Peers} that were made of it, and uses what
 * those name until it has others. Hence the handoffs of those who have gone are kept until {@link #free}.
 */
final class Seats implements AutoCloseable {
    /**
     * What others need of a member before it is complete.
     *
     * @param incoming the handoffs to it, by sender; none from workers of the same VM
     */
    record Seat(ReceiveSide receive, Doorbell doorbell, Latency latency, List<@Nullable Handoff> incoming) {}

    private final String network;
    private final int maxFrameLength;
    private final List<@Nullable Seat> seats = new ArrayList<>();
    private final List<Handoff> freed = new ArrayList<>();

    /**
     * @param network its name
     * @param maxFrameLength of what a handoff is to hold, in bytes
     */
    Seats(String network, int maxFrameLength) {
        this.network = network;
        this.maxFrameLength = maxFrameLength;
    }

    /** How many indexes there are, of members and of those that have gone. */
    int count() {
        return seats.size();
    }

    /** Whether nobody sits anywhere. */
    boolean isEmpty() {
        return seats.stream().allMatch(seat -> seat == null);
    }

    /** The seat of a member. */
    Seat require(int index) {
        Seat seat = seats.get(index);
        if (seat == null) {
            throw new IllegalStateException("network %s has no member %d".formatted(network, index));
        }
        return seat;
    }

    /**
     * Seats a VM on the lowest free indexes, its first worker on the lowest; still without handoffs.
     *
     * @param workers its workers, at least one
     * @param opened to this is added what would have to be closed
     */
    List<Integer> take(List<Segment.Part> workers, List<AutoCloseable> opened) {
        List<Integer> indexes = IntStream.iterate(0, index -> index + 1)
                .filter(index -> index >= seats.size() || seats.get(index) == null)
                .limit(workers.size())
                .boxed()
                .toList();
        for (int worker = 0; worker < workers.size(); worker++) {
            int index = indexes.get(worker);
            Doorbell doorbell = new Doorbell();
            opened.add(doorbell);
            AtomicCounter[] counters = workers.get(worker).counters().toArray(AtomicCounter[]::new);
            ReceiveSide receive =
                    new ReceiveSide(index, indexes.getFirst(), workers.size(), doorbell, new Tally(counters));
            while (seats.size() <= index) {
                seats.add(null);
            }
            seats.set(index, new Seat(receive, doorbell, new Latency(counters), new ArrayList<>()));
        }
        return indexes;
    }

    /**
     * Makes the handoffs that a new member lacks, in both directions.
     *
     * @param opened to this is added what would have to be closed
     */
    void connect(int index, List<AutoCloseable> opened) {
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
            Handoff handoff = new Handoff(maxFrameLength, from.latency());
            opened.add(handoff);
            to.incoming().set(sender, handoff);
        }
    }

    /** Who sits where now, to {@link #restore} it. */
    List<@Nullable Seat> seated() {
        return new ArrayList<>(seats);
    }

    /** Takes those away who have come since, whom nobody has been told of; closing what they have is the caller's. */
    void restore(List<@Nullable Seat> before) {
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

    /** The other members as this one is to know them. */
    Peers peers(int member) {
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

    /** Empties a seat; its handoffs are freed later, when nobody uses them any more. */
    void vacate(int index) {
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

    /** Frees the handoffs of those who have gone; once all workers know only {@link #peers} made since. */
    void free() {
        freed.forEach(Handoff::close);
        freed.clear();
    }

    /** Frees all handoffs. */
    @Override
    public void close() {
        free();
        for (Seat seat : seats) {
            if (seat != null) {
                seat.incoming().stream().filter(handoff -> handoff != null).forEach(Handoff::close);
            }
        }
        seats.clear();
    }
}
