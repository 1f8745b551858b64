package io.ringfence.dataplane.admission;

import io.ringfence.scheduler.Reservation;

/**
 * One worker of a VM.
 *
 * @param index among the VM's workers, from 0
 */
public record PlannedWorker(PlannedVm vm, int index) {
    /** What it is called: the VM's name, and its index behind that if the VM has several ({@code alice/1}). */
    public String name() {
        return vm.vm().workers() == 1 ? vm.name() : vm.name() + "/" + index;
    }

    /** Its own part of a CPU. */
    public Reservation reservation() {
        return vm.reservation();
    }
}
