package io.ringfence.bench.scale;

import io.ringfence.bench.peer.Conditions;
import io.ringfence.bench.peer.Place;
import io.ringfence.bench.peer.RingfenceFile;
import io.ringfence.bench.peer.Vm;
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

    private Vm vm(Place place, int vm) {
        Duration runtimeOfOthers = Duration.ofNanos((long) (PERIOD.toNanos() * SHARE_OF_OTHERS / (vms - 1)));
        return new Vm(
                name(vm),
                number(vm),
                place.folder(),
                vm == 0 ? VICTIM_RUNTIME : runtimeOfOthers,
                vm == 0 ? VICTIM_PERIOD : PERIOD);
    }

    private static int number(int vm) {
        return vm + 1;
    }

    private static MacAddress address(int vm) {
        return Vm.address(number(vm));
    }

    /** The configuration of so many of them, the first. */
    RingfenceFile configuration(Conditions conditions, int present) {
        RingfenceFile file = conditions.file(MTU);
        IntStream.range(0, present).forEach(vm -> file.vm(vm(conditions.place(), vm)));
        return file;
    }

    /** Socket of the last one. */
    Path lastSocket(Place place) {
        return vm(place, vms - 1).socket();
    }

    /** How the first of them attach. */
    List<Endpoint> endpoints(Place place, int present) {
        return IntStream.range(0, present)
                .mapToObj(vm -> vm(place, vm).sendingTo(number((vm + 1) % present)))
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
