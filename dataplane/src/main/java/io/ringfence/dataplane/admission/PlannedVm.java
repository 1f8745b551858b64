package io.ringfence.dataplane.admission;

import io.ringfence.config.Vm;
import io.ringfence.scheduler.Reservation;
import io.ringfence.scheduler.SizedReservation;
import io.ringfence.scheduler.Sizing;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A VM with the reservation that each of its workers is to get.
 *
 * @param vm as configured
 * @param reservation as configured, or derived from the VM's guarantee
 * @param paceNanos how long a worker sleeps between two visits under load
 * @param worstLatencyNanos the longest time that a packet takes: of a burst as guaranteed; or, for a reservation as
 *     configured, of what fits into one runtime
 * @param derivation how the reservation was derived, if it was
 */
public record PlannedVm(
        Vm vm, Reservation reservation, long paceNanos, long worstLatencyNanos, Optional<Derivation> derivation) {
    /** A reservation derived from a guarantee, and what derives others of the same VM. */
    public record Derivation(Sizing sizing, SizedReservation sized) {}

    /** The name of the VM. */
    public String name() {
        return vm.name();
    }

    /** Its workers, in their order. */
    public List<PlannedWorker> workers() {
        return IntStream.range(0, vm.workers())
                .mapToObj(index -> new PlannedWorker(this, index))
                .toList();
    }
}
