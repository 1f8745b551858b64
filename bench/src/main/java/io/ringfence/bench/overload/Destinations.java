package io.ringfence.bench.overload;

import io.ringfence.bench.peer.Conditions;
import io.ringfence.bench.peer.Place;
import io.ringfence.bench.peer.RingfenceFile;
import io.ringfence.bench.peer.Vm;
import io.ringfence.bench.traffic.Assignment;
import io.ringfence.bench.traffic.Endpoint;
import io.ringfence.bench.traffic.Role;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/** Whom four VMs send to, in one network on one CPU. */
enum Destinations {
    ONE("one", "four senders, one destination", 1),
    SEVERAL("several", "four senders, a destination for each", 4);

    /** How many VMs send. */
    static final int SENDERS = 4;

    private static final int MTU = 1504;
    private static final Duration PERIOD = Duration.ofMillis(1);
    private static final Duration SENDER_RUNTIME = Duration.ofNanos(150_000);
    private static final Duration RECEIVER_RUNTIME = Duration.ofNanos(50_000);

    private final String word;
    private final String title;
    private final int receivers;

    Destinations(String word, String title, int receivers) {
        this.word = word;
        this.title = title;
        this.receivers = receivers;
    }

    /** As it is called on the command line. */
    String word() {
        return word;
    }

    /** How reports call it. */
    String title() {
        return title;
    }

    /** The same with frames of one length. */
    String title(int lengthBytes) {
        return "%s, %d bytes".formatted(title, lengthBytes);
    }

    /** Who has what, for people. */
    static String reservations() {
        return "each sender has %d us of every ms, each destination %d us"
                .formatted(SENDER_RUNTIME.toNanos() / 1000, RECEIVER_RUNTIME.toNanos() / 1000);
    }

    private IntStream vms() {
        return IntStream.range(0, SENDERS + receivers);
    }

    /** Senders come first. */
    static String name(int vm) {
        return vm < SENDERS ? "sender" + (vm + 1) : "receiver" + (vm - SENDERS + 1);
    }

    /** That of a receiver is one of the senders. */
    private int peer(int vm) {
        return vm < SENDERS ? SENDERS + vm % receivers : vm - SENDERS;
    }

    private static Vm vm(Place place, int vm) {
        return new Vm(name(vm), number(vm), place.folder(), vm < SENDERS ? SENDER_RUNTIME : RECEIVER_RUNTIME, PERIOD);
    }

    private static int number(int vm) {
        return vm + 1;
    }

    /** The configuration of all of them. */
    RingfenceFile configuration(Conditions conditions) {
        RingfenceFile file = conditions.file(MTU);
        vms().forEach(vm -> file.vm(vm(conditions.place(), vm)));
        return file;
    }

    /** How all of them attach. */
    List<Endpoint> endpoints(Place place) {
        return vms().mapToObj(vm -> vm(place, vm).sendingTo(number(peer(vm)))).toList();
    }

    /** All senders offer this, the others receive. */
    List<Assignment> offering(Role.Flood flood) {
        return vms().mapToObj(vm -> Assignment.of(vm < SENDERS ? flood : new Role.Sink()))
                .toList();
    }
}
