package io.ringfence.dataplane.control;

import io.ringfence.config.Network;
import io.ringfence.dataplane.admission.AdmissionPlan;
import io.ringfence.dataplane.admission.PlannedVm;
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
    private final List<VmWorker> workers = new ArrayList<>();

    /** @param shared the thread that does the work of all VMs, or null where each has its own */
    RunningVms(Counters counters, Ageing ageing, EventLog log, @Nullable PollingThread shared) {
        this.shared = shared;
        this.counters = counters;
        this.ageing = ageing;
        this.log = log;
        inbox.start();
    }

    /** All of them; in the order of their networks, later ones last. */
    List<VmWorker> workers() {
        return List.copyOf(workers);
    }

    VmWorker of(String vm) {
        return workers.stream()
                .filter(worker -> worker.name().equals(vm))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("VM " + vm + " does not run"));
    }

    /** Whether this is what a VM runs with now. */
    boolean runs(PlannedVm vm) {
        return workers.stream().anyMatch(worker -> worker.planned().equals(vm));
    }

    RunningNetwork networkOf(VmWorker worker) {
        return network(worker.vm().network());
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
    List<VmWorker> build(AdmissionPlan plan, List<PlannedVm> vms) {
        List<VmWorker> built = new ArrayList<>();
        for (Network network : plan.configuration().networks()) {
            List<PlannedVm> members = vms.stream()
                    .filter(vm -> vm.vm().network().equals(network.name()))
                    .toList();
            if (!members.isEmpty()) {
                List<VmWorker> together = build(plan, network, members);
                built.addAll(together);
                workers.addAll(together);
            }
        }
        return built;
    }

    private List<VmWorker> build(AdmissionPlan plan, Network settings, List<PlannedVm> vms) {
        RunningNetwork network = networks.computeIfAbsent(settings.name(), name -> start(settings));
        Segment segment = network.segment();
        List<VmCounters> counts =
                vms.stream().map(vm -> counters.register(vm.name())).toList();
        List<Segment.Newcomer> newcomers = new ArrayList<>();
        for (int i = 0; i < vms.size(); i++) {
            newcomers.add(new Segment.Newcomer(
                    RunningNetwork.address(vms.get(i).vm()),
                    network.sendLimit(vms.get(i).vm()),
                    counts.get(i).counts()));
        }
        List<Member> members = segment.add(newcomers);
        List<VmWorker> built = new ArrayList<>();
        for (int i = 0; i < vms.size(); i++) {
            Member member = members.get(i);
            VmWorker worker = VmWorker.start(
                    vms.get(i),
                    plan.cpuOf(vms.get(i)),
                    settings.mtuBytes(),
                    member,
                    counts.get(i),
                    inbox,
                    log,
                    () -> segment.forget(member.index()),
                    shared);
            network.add(worker);
            built.add(worker);
        }
        return built;
    }

    private RunningNetwork start(Network settings) {
        RunningNetwork network = new RunningNetwork(settings);
        ageing.watch(network.segment(), settings.ageing());
        return network;
    }

    /** Tells the other members of new ones. */
    void announce(List<VmWorker> newcomers) {
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
    void end(List<VmWorker> leaving) {
        leaving.forEach(worker -> worker.closeSocket(log));
        leaving.forEach(VmWorker::stop);
        Map<RunningNetwork, List<VmWorker>> ended = new LinkedHashMap<>();
        for (VmWorker worker : leaving) {
            workers.remove(worker);
            if (worker.awaitStopped()) {
                ended.computeIfAbsent(networkOf(worker), network -> new ArrayList<>())
                        .add(worker);
            } else {
                // It keeps what it uses: memory is not pulled from under a thread.
                log.warning(worker.name(), "its worker did not end in time");
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
        end(workers());
        inbox.close();
    }
}
