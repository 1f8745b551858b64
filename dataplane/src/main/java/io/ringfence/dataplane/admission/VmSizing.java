package io.ringfence.dataplane.admission;

import static io.ringfence.dataplane.network.Network.HEADERS_BYTES;

import io.ringfence.config.Configuration;
import io.ringfence.config.GuaranteeSpec;
import io.ringfence.config.Network;
import io.ringfence.config.ReservationSpec;
import io.ringfence.config.Vm;
import io.ringfence.dataplane.admission.PlannedVm.Derivation;
import io.ringfence.dataplane.worker.Worker;
import io.ringfence.scheduler.CostModel;
import io.ringfence.scheduler.FrameShape;
import io.ringfence.scheduler.Guarantee;
import io.ringfence.scheduler.Reservation;
import io.ringfence.scheduler.SchedulingRefusedException;
import io.ringfence.scheduler.SchedulingRefusedException.Rule;
import io.ringfence.scheduler.Sizing;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Finds the reservation of each VM: as configured, or derived from its guarantee. */
final class VmSizing {
    /** Linux guests put headers and payload of what TCP sends into descriptors of their own. */
    private static final int DESCRIPTORS = 2;

    private final Configuration configuration;
    private final double mostShare;
    private final Optional<CostModel> costs;

    /**
     * @param costs asked for only if the configuration has a guarantee
     * @param mostShare the most that any CPU can give
     */
    VmSizing(Configuration configuration, Supplier<CostModel> costs, double mostShare) {
        this.configuration = configuration;
        this.mostShare = mostShare;
        boolean needed = configuration.vms().stream().anyMatch(vm -> vm.entitlement() instanceof GuaranteeSpec);
        this.costs = needed ? Optional.of(costs.get()) : Optional.empty();
    }

    /**
     * Returns all VMs, in the order of the configuration.
     *
     * @throws SchedulingRefusedException if a CPU cannot keep a guarantee even for that VM alone; a line for each
     */
    List<PlannedVm> plan() {
        List<PlannedVm> planned = new ArrayList<>();
        List<String> refusals = new ArrayList<>();
        for (Vm vm : configuration.vms()) {
            switch (vm.entitlement()) {
                case ReservationSpec given -> planned.add(asGiven(vm, given));
                case GuaranteeSpec promised -> {
                    Guarantee guarantee = guarantee(promised);
                    Sizing sizing = sizing(vm, costs.orElseThrow());
                    sizing.of(guarantee)
                            .map(sized -> new Derivation(sizing, sized))
                            .ifPresentOrElse(
                                    derivation -> planned.add(derived(vm, derivation)),
                                    () -> refusals.add(Remedies.impossible(vm.name(), guarantee, sizing, mostShare)));
                }
            }
        }
        if (!refusals.isEmpty()) {
            throw new SchedulingRefusedException(Rule.GUARANTEE, String.join("\n", refusals));
        }
        return planned;
    }

    private static PlannedVm asGiven(Vm vm, ReservationSpec given) {
        Reservation reservation = new Reservation(given.runtimeNanos(), given.periodNanos(), vm.reclaim());
        return new PlannedVm(
                vm,
                reservation,
                Worker.MODEL.shortestPaceNanos(),
                Worker.MODEL.worstLatencyNanos(reservation),
                Optional.empty());
    }

    private static PlannedVm derived(Vm vm, Derivation derivation) {
        return new PlannedVm(
                vm,
                derivation.sized().reservation().reclaiming(vm.reclaim()),
                derivation.sized().demand().paceNanos(),
                derivation.sized().worstLatencyNanos(),
                Optional.of(derivation));
    }

    private static Guarantee guarantee(GuaranteeSpec promised) {
        return new Guarantee(promised.packetsPerSecond(), promised.burstPackets(), promised.latencyNanos());
    }

    private Sizing sizing(Vm vm, CostModel model) {
        int mtuBytes = configuration.networks().stream()
                .filter(network -> network.name().equals(vm.network()))
                .mapToInt(Network::mtuBytes)
                .findFirst()
                .orElseThrow();
        return sizing(model, mtuBytes);
    }

    /** Derives reservations for the VMs of a network: packets of its full size. */
    static Sizing sizing(CostModel costs, int mtuBytes) {
        return new Sizing(
                costs,
                new FrameShape(mtuBytes + HEADERS_BYTES, DESCRIPTORS),
                Worker.MODEL,
                Sizing.shortestPeriodNanos());
    }
}
