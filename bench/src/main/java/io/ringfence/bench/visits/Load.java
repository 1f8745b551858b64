package io.ringfence.bench.visits;

import io.ringfence.bench.traffic.Assignment;
import io.ringfence.bench.traffic.Role;
import java.util.List;

/** What the two VMs send, in frames of 64 bytes. */
enum Load {
    /** Few frames: nearly each is a wake-up of its own. */
    FEW("20 000 frames/s", new Role.Stream(20_000, 64), new Role.Sink()),
    /** So many that a sleep brings some of them. */
    SOME("500 000 frames/s", new Role.Stream(500_000, 64), new Role.Sink()),
    /** As many as the queues take, both ways. */
    FLOOD("flood both ways", new Role.Flood(64), new Role.Flood(64));

    private final String title;

    @SuppressWarnings("ImmutableEnumChecker") // records of numbers
    private final Role first;

    @SuppressWarnings("ImmutableEnumChecker")
    private final Role second;

    Load(String title, Role first, Role second) {
        this.title = title;
        this.first = first;
        this.second = second;
    }

    String title() {
        return title;
    }

    /** Whether latencies are measured. */
    boolean isTimed() {
        return this != FLOOD;
    }

    List<Assignment> assignments() {
        List<Assignment> both = List.of(Assignment.of(first), Assignment.of(second));
        return isTimed() ? both.stream().map(Assignment::whileObserved).toList() : both;
    }
}
