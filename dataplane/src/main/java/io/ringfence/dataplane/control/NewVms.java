package io.ringfence.dataplane.control;

import io.ringfence.config.Vm;
import io.ringfence.dataplane.admission.AdmissionPlan;
import io.ringfence.dataplane.admission.PlannedVm;
import io.ringfence.dataplane.admission.PlannedWorker;
import io.ringfence.dataplane.segment.Member;
import io.ringfence.dataplane.segment.Segment;
import io.ringfence.dataplane.telemetry.Counters;
import io.ringfence.dataplane.telemetry.VmCounters;
import io.ringfence.dataplane.worker.ControlInbox;
import io.ringfence.dataplane.worker.PollingThread;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes VMs, each with its counters, its members of the network, its device and its workers, which run from then on.
 *
 * <p>Used by one control thread at a time.
 */
final class NewVms {
    private final Counters counters;
    private final RunningNetworks networks;
    private final LimitedLog log;
    private final ControlInbox inbox;
    private final @Nullable PollingThread shared;

    /**
     * @param log for what front-ends cause
     * @param inbox to which the workers report
     * @param shared the thread that does the work of all VMs, or null where each worker has its own
     */
    NewVms(
            Counters counters,
            RunningNetworks networks,
            LimitedLog log,
            ControlInbox inbox,
            @Nullable PollingThread shared) {
        this.counters = counters;
        this.networks = networks;
        this.log = log;
        this.inbox = inbox;
        this.shared = shared;
    }

    /**
     * Makes VMs of one network, whose other members are to be told of them.
     *
     * @param running is given each VM that has a worker, also if this throws then: those are to be ended
     * @throws IllegalStateException if there is no room in the counters file
     */
    void build(AdmissionPlan plan, RunningNetwork network, List<PlannedVm> vms, Consumer<RunningVm> running) {
        // Those that have no worker yet.
        Queue<VmCounters> counts = new ArrayDeque<>();
        Queue<Member> members = new ArrayDeque<>();
        try {
            List<Segment.Newcomer> newcomers = new ArrayList<>();
            for (PlannedVm vm : vms) {
                List<Segment.Part> parts = new ArrayList<>();
                for (PlannedWorker worker : vm.workers()) {
                    VmCounters counted = counters.register(worker.name());
                    counts.add(counted);
                    parts.add(new Segment.Part(network.sendLimit(vm.vm()), counted.counts()));
                }
                newcomers.add(new Segment.Newcomer(RunningNetwork.address(vm.vm()), parts));
            }
            network.segment().add(newcomers).forEach(members::addAll);
            vms.forEach(vm -> build(plan, network, vm, members, counts, running));
        } catch (RuntimeException | Error failure) {
            networks.forget(network, members, counts);
            throw failure;
        }
    }

    /** Makes one VM, with the next of these members and counters. */
    private void build(
            AdmissionPlan plan,
            RunningNetwork network,
            PlannedVm planned,
            Queue<Member> members,
            Queue<VmCounters> counts,
            Consumer<RunningVm> running) {
        Vm vm = planned.vm();
        Segment segment = network.segment();
        Member first = members.element();
        GuestDevice device = new GuestDevice(
                vm.name(),
                Offer.of(vm.queuePairs(), network.settings().mtuBytes(), vm.offloads()),
                RedoLogFiles.of(vm, log),
                log,
                () -> segment.forget(first));
        List<VmWorker> workers = new ArrayList<>();
        try {
            for (PlannedWorker worker : planned.workers()) {
                VmWorker started = VmWorker.start(
                        worker, plan.cpuOf(worker), members.element(), counts.element(), device, inbox, shared);
                members.remove();
                counts.remove();
                network.add(started);
                workers.add(started);
            }
        } finally {
            // Also if one cannot be started: those that were are to be ended.
            if (!workers.isEmpty()) {
                running.accept(new RunningVm(planned, device, workers));
            }
        }
    }
}
