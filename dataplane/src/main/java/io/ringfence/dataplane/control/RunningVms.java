package io.ringfence.dataplane.control;

import io.ringfence.config.Network;
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
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.agrona.CloseHelper;
import org.jspecify.annotations.Nullable;

/**
 * The VMs of a running dataplane with their networks: makes them, and takes them down so that nobody is left who knows them.
 *
 * <p>Used by one control thread at a time.
 */
final class RunningVms implements AutoCloseable {
    private final Counters counters;
    private final EventLog log;
    private final LimitedLog limitedLog;
    private final Ageing ageing;
    private final @Nullable PollingThread shared;
    private final ControlInbox inbox = new ControlInbox();
    private final Map<String, RunningNetwork> networks = new LinkedHashMap<>();
    private final List<RunningVm> running = new ArrayList<>();
    private final List<Straggler> stragglers = new ArrayList<>();

    /** A VM that is no more, but for a session or a worker that did not end in time. */
    private record Straggler(RunningVm vm, RunningNetwork network) {}

    /** @param shared the thread that does the work of all VMs, or null where each worker has its own */
    RunningVms(Counters counters, Ageing ageing, EventLog log, @Nullable PollingThread shared) {
        this.shared = shared;
        this.counters = counters;
        this.ageing = ageing;
        this.log = log;
        limitedLog = new LimitedLog(log);
        inbox.start();
    }

    /** All of them; in the order of their networks, later ones last. */
    List<RunningVm> all() {
        return List.copyOf(running);
    }

    /** The workers of all of them. */
    List<VmWorker> workers() {
        return running.stream().flatMap(vm -> vm.workers().stream()).toList();
    }

    RunningVm of(String name) {
        return running.stream()
                .filter(vm -> vm.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("VM " + name + " does not run"));
    }

    /** Whether this is what a VM runs with now. */
    boolean runs(PlannedVm vm) {
        return running.stream().anyMatch(known -> known.planned().equals(vm));
    }

    RunningNetwork networkOf(RunningVm vm) {
        return network(vm.vm().network());
    }

    private RunningNetwork network(String name) {
        RunningNetwork network = networks.get(name);
        if (network == null) {
            throw new IllegalArgumentException("network " + name + " does not run");
        }
        return network;
    }

    /**
     * Starts workers that know everybody and nobody knows: without reservation, without socket. All or none.
     *
     * @throws IllegalStateException if there is no room in the counters file
     */
    List<RunningVm> build(AdmissionPlan plan, List<PlannedVm> vms) {
        int before = running.size();
        try {
            for (Network network : plan.configuration().networks()) {
                List<PlannedVm> members = vms.stream()
                        .filter(vm -> vm.vm().network().equals(network.name()))
                        .toList();
                if (!members.isEmpty()) {
                    build(plan, network, members);
                }
            }
        } catch (RuntimeException | Error failure) {
            takeBack(since(before), failure);
            throw failure;
        }
        return since(before);
    }

    private List<RunningVm> since(int before) {
        return List.copyOf(running.subList(before, running.size()));
    }

    private void takeBack(List<RunningVm> built, Throwable failure) {
        try {
            end(built);
        } catch (RuntimeException another) {
            failure.addSuppressed(another);
        }
    }

    private void build(AdmissionPlan plan, Network settings, List<PlannedVm> vms) {
        RunningNetwork network = networks.computeIfAbsent(settings.name(), name -> start(settings));
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
            vms.forEach(vm -> build(plan, network, vm, members, counts));
        } catch (RuntimeException | Error failure) {
            forget(network, members, counts);
            throw failure;
        }
    }

    /** Makes one VM, with the next of these members and counters. */
    private void build(
            AdmissionPlan plan,
            RunningNetwork network,
            PlannedVm planned,
            Queue<Member> members,
            Queue<VmCounters> counts) {
        Vm vm = planned.vm();
        Segment segment = network.segment();
        Member first = members.element();
        GuestDevice device = new GuestDevice(
                vm.name(),
                Offer.of(vm.queuePairs(), network.settings().mtuBytes(), vm.offloads()),
                RedoLogFiles.of(vm, limitedLog),
                limitedLog,
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
                running.add(new RunningVm(planned, device, workers));
            }
        }
    }

    private RunningNetwork start(Network settings) {
        RunningNetwork network = new RunningNetwork(settings);
        ageing.watch(network.segment(), settings.ageing());
        return network;
    }

    /** Tells the other members of new ones. */
    void announce(List<RunningVm> newcomers) {
        newcomers.stream().map(this::networkOf).distinct().forEach(RunningNetwork::announce);
    }

    /** Puts other settings of a network into force. */
    void retune(Network settings) {
        RunningNetwork network = networks.get(settings.name());
        if (network != null) {
            network.retune(settings);
            ageing.watch(network.segment(), settings.ageing());
        }
    }

    /** Ends sessions and workers of some VMs, has all others forget them, and frees what they used. */
    void end(List<RunningVm> leaving) {
        leaving.forEach(RunningVm::end);
        Map<RunningNetwork, List<VmWorker>> ended = new LinkedHashMap<>();
        for (RunningVm vm : leaving) {
            running.remove(vm);
            List<VmWorker> ofNetwork = ended.computeIfAbsent(networkOf(vm), network -> new ArrayList<>());
            String late = vm.awaitEnd();
            if (late == null) {
                ofNetwork.addAll(vm.workers());
            } else {
                // They keep what they use: memory is not pulled from under a thread.
                log.warning(vm.name(), late + "; once it has, a reload frees what it uses");
                stragglers.add(new Straggler(vm, networkOf(vm)));
            }
        }
        ended.forEach(this::forget);
    }

    /**
     * Opens the socket of a newcomer.
     *
     * @throws SocketRefusedException if it cannot be opened, or a session of a VM of that name has still not ended: both would serve
     *     the same rings, and keep the places of packed ones in the same files
     */
    void open(RunningVm newcomer) throws SocketRefusedException {
        if (stragglers.stream()
                .anyMatch(straggler -> straggler.vm().name().equals(newcomer.name())
                        && !straggler.vm().hasSessionEnded())) {
            throw new SocketRefusedException(
                    newcomer.vm(),
                    new IOException("the session of the VM that was called so before has not ended; reload again"
                            + " once it has"));
        }
        newcomer.open();
    }

    /** Frees what was left to VMs that had not ended in time, and have meanwhile. */
    void freeStragglers() {
        List<Straggler> ended = stragglers.stream()
                .filter(straggler -> straggler.vm().hasEnded() && straggler.vm().awaitEnd() == null)
                .toList();
        stragglers.removeAll(ended);
        ended.forEach(straggler -> forget(straggler.network(), straggler.vm().workers()));
    }

    private void forget(RunningNetwork network, List<VmWorker> ended) {
        forget(
                network,
                ended.stream().map(VmWorker::member).toList(),
                ended.stream().map(VmWorker::counters).toList());
    }

    private void forget(RunningNetwork network, Collection<Member> members, Collection<VmCounters> counted) {
        try {
            network.remove(List.copyOf(members), () -> counted.forEach(counters::remove));
        } catch (IllegalStateException noAnswer) {
            log.warning("host", "what was shared with VMs that are gone cannot be freed yet: " + noAnswer.getMessage());
        }
        if (network.isLeft()) {
            ageing.ignore(network.segment());
            // A new one of that name may have come while this one waited for a worker.
            networks.remove(network.settings().name(), network);
        }
        if (network.isEmpty()) {
            network.segment().close();
        }
    }

    /** Ends everything. */
    @Override
    public void close() {
        CloseHelper.closeAll(() -> end(all()), this::closeInbox, limitedLog);
    }

    /** It stays where a VM has not ended: its worker would signal whatever has the number of the descriptor by then. */
    private void closeInbox() {
        if (stragglers.stream().allMatch(straggler -> straggler.vm().hasEnded())) {
            inbox.close();
        }
    }
}
