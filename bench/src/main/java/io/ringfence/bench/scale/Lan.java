package io.ringfence.bench.scale;

import io.ringfence.bench.peer.RingfenceFile;
import io.ringfence.bench.traffic.Assignment;
import io.ringfence.bench.traffic.Endpoint;
import io.ringfence.bench.traffic.Role;
import io.ringfence.config.MacAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * So many VMs of one network on one CPU, of which 0.85 is reserved whatever their number.
 *
 * <p>The first is the victim, whose short period lets its worker go first. The others share alike what is left, with a long
 * period: the budget of a period must leave something beyond the margin at which a worker stops, with 64 VMs too.
 *
 * @param vms how many, an even number from 2 to {@value #MOST_VMS}
 */
record Lan(int vms) {
    static final int MOST_VMS = 64;

    private static final String NETWORK = "blue";
    private static final int MTU = 1500;
    private static final Duration VICTIM_RUNTIME = Duration.ofNanos(150_000);
    private static final Duration VICTIM_PERIOD = Duration.ofNanos(500_000);
    private static final Duration PERIOD = Duration.ofMillis(20);
    private static final double SHARE_OF_OTHERS = 0.55;

    Lan {
        if (!isPossible(vms)) {
            throw new IllegalArgumentException("vms=%d: expected an even number from 2 to %d".formatted(vms, MOST_VMS));
        }
    }

    /** Whether there can be so many. */
    static boolean isPossible(int vms) {
        return vms >= 2 && vms <= MOST_VMS && vms % 2 == 0;
    }

    private static String name(int vm) {
        return "vm%02d".formatted(vm + 1);
    }

    /** The victim's name. */
    static String victim() {
        return name(0);
    }

    private static String mac(int vm) {
        return "52:54:00:00:00:%02x".formatted(vm + 1);
    }

    private static MacAddress address(int vm) {
        return MacAddress.parse(mac(vm));
    }

    private static Path socket(Path folder, int vm) {
        return folder.resolve(name(vm) + ".sock");
    }

    private Duration runtimeOfOthers() {
        return Duration.ofNanos((long) (PERIOD.toNanos() * SHARE_OF_OTHERS / (vms - 1)));
    }

    /**
     * The configuration of the first of them.
     *
     * @param present how many
     * @param rung the lowest of the scheduling ladder that is allowed
     */
    String configuration(Path folder, int cpu, String rung, int present) {
        RingfenceFile file = RingfenceFile.forCpu(cpu, MTU).scheduling(rung);
        for (int vm = 0; vm < present; vm++) {
            file.vm(
                    name(vm),
                    socket(folder, vm),
                    RingfenceFile.Role.SERVER,
                    NETWORK,
                    mac(vm),
                    vm == 0 ? VICTIM_RUNTIME : runtimeOfOthers(),
                    vm == 0 ? VICTIM_PERIOD : PERIOD);
        }
        return file.text();
    }

    /** Socket of the last one. */
    Path lastSocket(Path folder) {
        return socket(folder, vms - 1);
    }

    /** How the first of them attach. */
    List<Endpoint> endpoints(Path folder, int present) {
        return IntStream.range(0, present)
                .mapToObj(vm -> new Endpoint(name(vm), address(vm), address((vm + 1) % present), socket(folder, vm)))
                .toList();
    }

    /** The same role for the first of them, each sending to the next, the last to the first. */
    static List<Assignment> all(int present, Role role) {
        return IntStream.range(0, present)
                .mapToObj(vm -> Assignment.of(role).towards(address((vm + 1) % present)))
                .toList();
    }

    /** The victim sends to the second, observed, and all others do something else among themselves, each to the next. */
    List<Assignment> beside(Role victim, Role others) {
        List<Assignment> assignments = new ArrayList<>(List.of(
                Assignment.of(victim).towards(address(1)).whileObserved(),
                Assignment.of(new Role.Sink()).whileObserved()));
        for (int vm = 2; vm < vms; vm++) {
            assignments.add(Assignment.of(others).towards(address(vm + 1 < vms ? vm + 1 : 2)));
        }
        return assignments;
    }

    /** Who has what, for people. */
    static String reservations() {
        return "the victim has %d of every %d us, the others share %s of the CPU alike with periods of %d ms"
                .formatted(
                        VICTIM_RUNTIME.toNanos() / 1000,
                        VICTIM_PERIOD.toNanos() / 1000,
                        SHARE_OF_OTHERS,
                        PERIOD.toMillis());
    }
}
