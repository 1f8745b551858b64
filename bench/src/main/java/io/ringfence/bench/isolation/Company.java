package io.ringfence.bench.isolation;

import io.ringfence.bench.isolation.Guest.Part;
import io.ringfence.bench.peer.Place;
import io.ringfence.bench.peer.RingfenceFile;
import io.ringfence.bench.traffic.Endpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The VMs that are there at once, all of one network and on one CPU: 0.85 of it is reserved, whatever their number.
 *
 * <p>Earliest deadline first lets a worker with a shorter period go first. So the victim's is short, as that of a VM with a
 * latency guarantee, and the aggressors' are long. The victim's runtime is about twice what its stream needs here: a wake-up
 * for each frame costs 10 to 15 us of CPU time on a virtual machine. A receiver's worker has little to do: its senders deliver.
 */
record Company(List<Guest> guests) {
    static final String VICTIM = "victim";
    /** The number of the VM that the victim sends to. */
    static final int RECEIVER = 2;

    /** An aggressor of each kind, and where their frames go. */
    static final Company MIXED = of(
            Guest.of("aggressor", Part.AGGRESSOR, 3, 5, 600, 4000),
            Guest.of("dear", Part.DEAR, 4, 5, 600, 4000),
            Guest.of("sink", Part.SINK, 5, 3, 100, 4000));

    /** An aggressor with large frames, and a sink that takes them so. */
    static final Company LARGE = ofOne(Part.LARGE, Part.LARGE_SINK);
    /** The same with a sink that does not. */
    static final Company CUT = ofOne(Part.LARGE, Part.SINK);
    /** An aggressor with odd frames, and a sink without offloads: what is asked for has to be done. */
    static final Company ODD = ofOne(Part.ODD, Part.SINK);

    private static final int MTU = 1500;
    /** What aggressors and sinks have together, each 4 ms. */
    private static final int NEIGHBOURS_MICROS = 1300;

    Company {
        guests = List.copyOf(guests);
    }

    private static Company of(Guest... neighbours) {
        List<Guest> all = new ArrayList<>(List.of(
                Guest.of(VICTIM, Part.VICTIM, 1, RECEIVER, 250, 500),
                Guest.of("receiver", Part.RECEIVER, RECEIVER, 1, 100, 4000)));
        all.addAll(List.of(neighbours));
        return new Company(all);
    }

    private static Company ofOne(Part aggressor, Part sink) {
        return of(Guest.of("aggressor", aggressor, 3, 4, 1200, 4000), Guest.of("sink", sink, 4, 3, 100, 4000));
    }

    /** So many aggressors, an even number: each sends to another, which sends to it, so there are no sinks. */
    static Company ofAggressors(int count) {
        Guest[] neighbours = new Guest[count];
        for (int i = 0; i < count; i++) {
            int other = i ^ 1;
            neighbours[i] =
                    Guest.of("aggressor" + (i + 1), Part.AGGRESSOR, 3 + i, 3 + other, NEIGHBOURS_MICROS / count, 4000);
        }
        return of(neighbours);
    }

    /** The sockets of all of them, in their order. */
    List<Path> sockets(Place place) {
        return guests.stream().map(guest -> guest.vm(place).socket()).toList();
    }

    /** How all of them attach, in their order. */
    List<Endpoint> endpoints(Place place) {
        return guests.stream().map(guest -> guest.endpoint(place)).toList();
    }

    /** Where those stand that have one of these parts. */
    List<Integer> indexes(List<Part> parts) {
        return guests.stream()
                .filter(guest -> parts.contains(guest.part()))
                .map(guests::indexOf)
                .toList();
    }

    /**
     * The configuration of all of them.
     *
     * @param rung the lowest that is allowed
     * @param spare what becomes of CPU time that nobody uses
     * @param limit of each aggressor, empty for none
     */
    String configuration(Place place, String rung, SpareCpu spare, String limit) {
        RingfenceFile file = RingfenceFile.forCpu(place.switchCpu(), MTU).scheduling(rung);
        if (spare == SpareCpu.ASLEEP) {
            file.sleeping();
        }
        for (Guest guest : guests) {
            file.vm(guest.vm(place));
            if (guest.isAggressor() && !limit.isEmpty()) {
                file.limit(limit);
            }
            if (spare == SpareCpu.RECLAIMED) {
                file.reclaiming();
            }
        }
        return file.text();
    }

    /** Who has what, for people. */
    String reservations() {
        return guests.stream().map(Guest::reservation).collect(Collectors.joining(", "));
    }
}
