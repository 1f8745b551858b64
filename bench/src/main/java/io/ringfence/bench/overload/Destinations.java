package io.ringfence.bench.overload;

import io.ringfence.bench.peer.RingfenceFile;
import io.ringfence.bench.traffic.Assignment;
import io.ringfence.bench.traffic.Endpoint;
import io.ringfence.bench.traffic.Role;
import io.ringfence.config.MacAddress;
import java.nio.file.Path;
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
    private static final String NETWORK = "blue";
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

    private static MacAddress address(int vm) {
        return MacAddress.parse(mac(vm));
    }

    private static String mac(int vm) {
        return "52:54:00:00:00:%02x".formatted(vm + 1);
    }

    /** That of a receiver is one of the senders. */
    private int peer(int vm) {
        return vm < SENDERS ? SENDERS + vm % receivers : vm - SENDERS;
    }

    private static Path socket(Path folder, int vm) {
        return folder.resolve(name(vm) + ".sock");
    }

    /** @param rung the lowest of the scheduling ladder that is allowed */
    String configuration(Path folder, int cpu, String rung) {
        RingfenceFile file = RingfenceFile.forCpu(cpu, MTU).scheduling(rung);
        vms().forEach(vm -> file.vm(
                name(vm),
                socket(folder, vm),
                RingfenceFile.Role.SERVER,
                NETWORK,
                mac(vm),
                vm < SENDERS ? SENDER_RUNTIME : RECEIVER_RUNTIME,
                PERIOD));
        return file.text();
    }

    /** How all of them attach. */
    List<Endpoint> endpoints(Path folder) {
        return vms().mapToObj(vm -> new Endpoint(name(vm), address(vm), address(peer(vm)), socket(folder, vm)))
                .toList();
    }

    /** All senders offer this, the others receive. */
    List<Assignment> offering(Role.Flood flood) {
        return vms().mapToObj(vm -> Assignment.of(vm < SENDERS ? flood : new Role.Sink()))
                .toList();
    }
}
