package io.ringfence.dataplane.control;

import io.ringfence.config.Network;
import io.ringfence.dataplane.admission.AdmissionPlan;
import io.ringfence.dataplane.admission.PlannedVm;
import io.ringfence.dataplane.telemetry.Counters;
import io.ringfence.dataplane.worker.ControlInbox;
import io.ringfence.dataplane.worker.PollingThread;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.agrona.CloseHelper;
import org.jspecify.annotations.Nullable;

/**
 * The VMs of a running dataplane: has them made ({@link NewVms}), and takes them down so that nobody is left who knows them.
 *
 * <p>Used by one control thread at a time.
 */
final class RunningVms implements AutoCloseable {
    private final EventLog log;
    private final LimitedLog limitedLog;
    private final ControlInbox inbox = new ControlInbox();
    private final RunningNetworks networks;
    private final NewVms newVms;
    private final List<RunningVm> running = new ArrayList<>();
    private final Stragglers stragglers = new Stragglers();

    /** @param shared the thread that does the work of all VMs, or null where each worker has its own */
    RunningVms(Counters counters, Ageing ageing, EventLog log, @Nullable PollingThread shared) {
        this.log = log;
        limitedLog = new LimitedLog(log);
        networks = new RunningNetworks(counters, ageing, log);
        newVms = new NewVms(counters, networks, limitedLog, inbox, shared);
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
        return networks.of(vm);
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
                    newVms.build(plan, networks.of(network), members, running::add);
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

    /** Tells the other members of new ones. */
    void announce(List<RunningVm> newcomers) {
        newcomers.stream().map(this::networkOf).distinct().forEach(RunningNetwork::announce);
    }

    /** Puts other settings of a network into force. */
    void retune(Network settings) {
        networks.retune(settings);
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
                log.warning(vm.name(), late + "; once it has, a reload frees what it uses");
                stragglers.add(vm, networkOf(vm));
            }
        }
        ended.forEach(networks::forget);
    }

    /**
     * Opens the socket of a newcomer.
     *
     * @throws SocketRefusedException if it cannot be opened, or a session of a VM of that name has still not ended: both would serve
     *     the same rings, and keep the places of packed ones in the same files
     */
    void open(RunningVm newcomer) throws SocketRefusedException {
        if (stragglers.haveSessionOf(newcomer.name())) {
            throw new SocketRefusedException(
                    newcomer.vm(),
                    new IOException("the session of the VM that was called so before has not ended; reload again"
                            + " once it has"));
        }
        newcomer.open();
    }

    /** Frees what was left to VMs that had not ended in time, and have meanwhile. */
    void freeStragglers() {
        stragglers
                .removeEnded()
                .forEach(ended -> networks.forget(ended.network(), ended.vm().workers()));
    }

    /** Ends everything. */
    @Override
    public void close() {
        CloseHelper.closeAll(() -> end(all()), this::closeInbox, limitedLog);
    }

    /** It stays where a VM has not ended: its worker would signal whatever has the number of the descriptor by then. */
    private void closeInbox() {
        if (stragglers.haveEnded()) {
            inbox.close();
        }
    }
}
