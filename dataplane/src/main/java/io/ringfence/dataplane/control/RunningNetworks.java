package io.ringfence.dataplane.control;

import io.ringfence.config.Network;
import io.ringfence.dataplane.segment.Member;
import io.ringfence.dataplane.telemetry.Counters;
import io.ringfence.dataplane.telemetry.VmCounters;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The networks of a running dataplane: each comes with its first VM and is left by its last.
 *
 * <p>Used by one control thread at a time.
 */
final class RunningNetworks {
    private final Map<String, RunningNetwork> networks = new LinkedHashMap<>();
    private final Counters counters;
    private final Ageing ageing;
    private final EventLog log;

    /** @param counters to which those of members belong */
    RunningNetworks(Counters counters, Ageing ageing, EventLog log) {
        this.counters = counters;
        this.ageing = ageing;
        this.log = log;
    }

    /** The network of a VM that runs. */
    RunningNetwork of(RunningVm vm) {
        String name = vm.vm().network();
        RunningNetwork network = networks.get(name);
        if (network == null) {
            throw new IllegalArgumentException("network " + name + " does not run");
        }
        return network;
    }

    /** A network for newcomers; a new one if there is none. */
    RunningNetwork of(Network settings) {
        return networks.computeIfAbsent(settings.name(), name -> start(settings));
    }

    private RunningNetwork start(Network settings) {
        RunningNetwork network = new RunningNetwork(settings);
        ageing.watch(network.segment(), settings.ageing());
        return network;
    }

    /** Puts other settings of a network into force, if it runs. */
    void retune(Network settings) {
        RunningNetwork network = networks.get(settings.name());
        if (network != null) {
            network.retune(settings);
            ageing.watch(network.segment(), settings.ageing());
        }
    }

    /** Has everybody in a network forget workers that have ended, and frees what they used. */
    void forget(RunningNetwork network, List<VmWorker> ended) {
        forget(
                network,
                ended.stream().map(VmWorker::member).toList(),
                ended.stream().map(VmWorker::counters).toList());
    }

    /** The same for members that may never have had a worker, and what was to be counted of them. */
    void forget(RunningNetwork network, Collection<Member> members, Collection<VmCounters> counted) {
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
}
