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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The VMs of a running dataplane with their networks: makes them, and takes them down so that nobody is left who knows them.
 *
 * <p>Used by one control thread at a time.
 */
final class RunningVms {
    private final Counters counters;
    private final EventLog log;
    private final Ageing ageing;
    private final @Nullable PollingThread shared;
    private final ControlInbox inbox = new ControlInbox();
    private final Map<String, RunningNetwork> networks = new LinkedHashMap<>();
    private final List<RunningVm> running = new ArrayList<>();

    /** @param shared the thread that does the work of all VMs, or null where each worker has its own */
    RunningVms(Counters counters, Ageing ageing, EventLog log, @Nullable PollingThread shared) {
        this.shared = shared;
        this.counters = counters;
        this.ageing = ageing;
        this.log = log;
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
     * Starts workers that know everybody and nobody knows: without reservation, without socket.
     *
     * @throws IllegalStateException if there is no room in the counters file
     */
    List<RunningVm> build(AdmissionPlan plan, List<PlannedVm> vms) {
        List<RunningVm> built = new ArrayList<>();
        for (Network network : plan.configuration().networks()) {
            List<PlannedVm> members = vms.stream()
                    .filter(vm -> vm.vm().network().equals(network.name()))
                    .toList();
            if (!members.isEmpty()) {
                List<RunningVm> together = build(plan, network, members);
                built.addAll(together);
                running.addAll(together);
            }
        }
        return built;
    }

    private List<RunningVm> build(AdmissionPlan plan, Network settings, List<PlannedVm> vms) {
        RunningNetwork network = networks.computeIfAbsent(settings.name(), name -> start(settings));
        List<List<VmCounters>> counts = vms.stream()
                .map(vm -> vm.workers().stream()
                        .map(worker -> counters.register(worker.name()))
                        .toList())
                .toList();
        List<Segment.Newcomer> newcomers = new ArrayList<>();
        for (int i = 0; i < vms.size(); i++) {
            Vm vm = vms.get(i).vm();
            newcomers.add(new Segment.Newcomer(
                    RunningNetwork.address(vm),
                    counts.get(i).stream()
                            .map(counted -> new Segment.Part(network.sendLimit(vm), counted.counts()))
                            .toList()));
        }
        List<List<Member>> members = network.segment().add(newcomers);
        List<RunningVm> built = new ArrayList<>();
        for (int i = 0; i < vms.size(); i++) {
            built.add(build(plan, network, vms.get(i), members.get(i), counts.get(i)));
        }
        return built;
    }

    private RunningVm build(
            AdmissionPlan plan,
            RunningNetwork network,
            PlannedVm planned,
            List<Member> members,
            List<VmCounters> counts) {
        Vm vm = planned.vm();
        Segment segment = network.segment();
        GuestDevice device = new GuestDevice(
                vm.name(),
                Offer.of(vm.queuePairs(), network.settings().mtuBytes(), vm.offloads()),
                RedoLogFiles.of(vm, log),
                log,
                () -> segment.forget(members.getFirst()));
        List<VmWorker> workers = new ArrayList<>();
        for (PlannedWorker worker : planned.workers()) {
            int i = worker.index();
            workers.add(
                    VmWorker.start(worker, plan.cpuOf(worker), members.get(i), counts.get(i), device, inbox, shared));
        }
        network.add(workers);
        return new RunningVm(planned, device, workers);
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
        leaving.forEach(vm -> vm.closeSocket(log));
        leaving.forEach(RunningVm::stop);
        Map<RunningNetwork, List<VmWorker>> ended = new LinkedHashMap<>();
        for (RunningVm vm : leaving) {
            running.remove(vm);
            if (vm.awaitStopped()) {
                ended.computeIfAbsent(networkOf(vm), network -> new ArrayList<>())
                        .addAll(vm.workers());
            } else {
                // They keep what they use: memory is not pulled from under a thread.
                log.warning(vm.name(), "a worker of it did not end in time");
            }
        }
        ended.forEach(this::forget);
    }

    private void forget(RunningNetwork network, List<VmWorker> ended) {
        try {
            network.remove(ended);
            ended.forEach(worker -> counters.remove(worker.counters()));
        } catch (IllegalStateException noAnswer) {
            log.warning("host", "what was shared with VMs that are gone cannot be freed: " + noAnswer.getMessage());
        }
        if (network.isEmpty()) {
            ageing.ignore(network.segment());
            networks.remove(network.settings().name());
            network.segment().close();
        }
    }

    /** Ends everything. */
    void close() {
        end(all());
        inbox.close();
    }
}
