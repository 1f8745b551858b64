package io.ringfence.dataplane.admission;

import io.ringfence.config.ReservationSpec;
import io.ringfence.config.document.Unit;
import io.ringfence.scheduler.Demand;
import io.ringfence.scheduler.Guarantee;
import io.ringfence.scheduler.Relaxation;
import io.ringfence.scheduler.Reservation;
import io.ringfence.scheduler.Sizing;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The smallest changes to a VM's entitlement, in the words of the configuration file. */
final class Remedies {
    private static final long MICRO = 1_000;

    private Remedies() {}

    /** Returns changes each of which makes the VM's reservation no larger than {@code share}; may be none. */
    static List<String> toFit(PlannedVm vm, double share) {
        return vm.derivation()
                .map(derivation -> relaxed(
                        new Relaxation(derivation.sizing(), derivation.sized().guarantee(), share),
                        derivation.sized().guarantee()))
                .orElseGet(() -> shorter(vm.reservation(), share));
    }

    private static List<String> shorter(Reservation reservation, double share) {
        long runtimeNanos = (long) (share * reservation.periodNanos()) / MICRO * MICRO;
        return runtimeNanos < ReservationSpec.MIN_RUNTIME_NANOS
                ? List.of()
                : List.of("`runtime: %s` instead of `%s`"
                        .formatted(duration(runtimeNanos), duration(reservation.runtimeNanos())));
    }

    private static List<String> relaxed(Relaxation relaxation, Guarantee guarantee) {
        List<String> changes = new ArrayList<>();
        relaxation
                .rate()
                .ifPresent(rate -> changes.add(
                        "`rate: %s` instead of `%s`".formatted(rate(rate), rate(guarantee.packetsPerSecond()))));
        relaxation.latencyNanos().ifPresent(latency -> {
            if (guarantee.latencyNanos().isPresent()) {
                changes.add("`latency: %s` instead of `%s`"
                        .formatted(
                                duration(latency),
                                duration(guarantee.latencyNanos().getAsLong())));
            }
        });
        relaxation
                .burst()
                .ifPresent(
                        burst -> changes.add("`burst: %d` instead of `%d`".formatted(burst, guarantee.burstPackets())));
        return changes;
    }

    /** Returns why even a CPU of its own cannot keep a VM's guarantee, and what it could keep. */
    static String impossible(String name, Guarantee guarantee, Sizing sizing, double mostShare) {
        Demand demand = sizing.demand(guarantee);
        String sentence = String.format(
                Locale.ROOT,
                "VM %s: no CPU of this host can keep its guarantee: at %.0f ns a packet the rate takes %.3f of a CPU, a"
                        + " burst takes %.0f us of CPU time, and a worker may have to wait for two periods of at least %s"
                        + " and a pace of %s before it can begin",
                name,
                demand.packetNanos(),
                demand.rateShare(),
                demand.burstNanos() / MICRO,
                duration(sizing.periodNanos(guarantee)),
                duration(demand.paceNanos()));
        List<String> changes = relaxed(new Relaxation(sizing, guarantee, mostShare), guarantee);
        return changes.isEmpty()
                ? sentence + "; lower its rate and its burst, and raise its latency"
                : sentence + ". Any one of these changes is enough: " + String.join(", or ", changes);
    }

    /** A duration in the file's words, to the microsecond. */
    static String duration(long nanos) {
        return Unit.written(nanos, Unit.DURATION);
    }

    static String rate(long packetsPerSecond) {
        return Unit.written(packetsPerSecond, Unit.PACKET_RATE);
    }
}
