package io.ringfence.dataplane.control;

import io.ringfence.config.Configuration;
import io.ringfence.config.MacAddress;
import io.ringfence.config.Network;
import io.ringfence.config.Role;
import io.ringfence.config.Vm;
import io.ringfence.dataplane.admission.AdmissionPlan;
import io.ringfence.dataplane.admission.PlannedVm;
import io.ringfence.dataplane.cost.CostModelFile;
import io.ringfence.dataplane.network.MacTable;
import io.ringfence.dataplane.port.SendLimit;
import io.ringfence.dataplane.telemetry.Counters;
import io.ringfence.dataplane.worker.ControlInbox;
import io.ringfence.dataplane.worker.Worker;
import io.ringfence.scheduler.CpuLimit;
import io.ringfence.vhostuser.backend.BackendEventLoop;
import io.ringfence.vhostuser.backend.VhostUserConnector;
import io.ringfence.vhostuser.backend.VhostUserListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The running dataplane of one configuration: networks, a worker for each VM, and the sockets of their sessions.
 *
 * <p>Started and closed by one thread.
 */
public final class Dataplane implements AutoCloseable {
    /** Long enough for the packet path to be compiled, short enough to be ready within two seconds of a cold start. */
    private static final long WARM_UP_MILLIS = 450;

    private final Configuration configuration;
    private final JournalledLog log;
    private final Counters counters;
    private final ControlInbox inbox = new ControlInbox();
    private final WorkerScheduling scheduling;
    private final List<VmWorker> workers = new ArrayList<>();
    private final Ageing ageing = new Ageing();
    private @Nullable VmAudit audit;
    private final BackendEventLoop eventLoop;
    private final List<AutoCloseable> sockets = new ArrayList<>();

    private Dataplane(Configuration configuration, JournalledLog log) throws IOException {
        this.configuration = configuration;
        this.log = log;
        CountersFile.removeStale();
        counters = Counters.create(
                CountersFile.of(ProcessHandle.current().pid()),
                configuration.vms().size());
        scheduling = new WorkerScheduling(log);
        // A thread for each socket: a front-end whose memory takes long to map or unmap delays its own session only.
        eventLoop = BackendEventLoop.start(Math.max(1, configuration.vms().size()));
    }

    /**
     * Starts everything; returns when every socket listens or, in the client role, is being connected to.
     *
     * @throws io.ringfence.scheduler.SchedulingRefusedException if the host cannot give what the configuration asks for
     * @throws io.ringfence.dataplane.journal.JournalException if the journal's directory cannot be used
     * @throws IOException if a socket cannot be opened
     */
    public static Dataplane start(AdmissionPlan plan, EventLog operator) throws IOException {
        JournalledLog log = new JournalledLog(plan.configuration(), operator);
        try {
            plan.requirePossible();
            WorkerScheduling.removeStale(plan.configuration());
            return start(plan, log);
        } catch (IOException | RuntimeException e) {
            log.closeRefused(plan, e);
            throw e;
        }
    }

    private static Dataplane start(AdmissionPlan plan, JournalledLog log) throws IOException {
        Dataplane dataplane = new Dataplane(plan.configuration(), log);
        try {
            dataplane.start(plan);
            return dataplane;
        } catch (IOException | RuntimeException e) {
            dataplane.close();
            throw e;
        }
    }

    /** As {@link #start(AdmissionPlan, EventLog)}, with the cost model where {@code ringfence calibrate} leaves it. */
    public static Dataplane start(Configuration configuration, EventLog log) throws IOException {
        CostModelFile costs = new CostModelFile(CostModelFile.DEFAULT);
        return start(new AdmissionPlan(configuration, costs::load, CpuLimit::read), log);
    }

    private void start(AdmissionPlan plan) throws IOException {
        inbox.start();
        for (Network network : configuration.networks()) {
            build(network, plan);
        }
        WarmUp.run(WARM_UP_MILLIS);
        // Only now: until the workers take them, the compiler may use the dataplane CPUs too.
        scheduling.apply(plan, workers);
        counters.announce("host/scheduling-" + scheduling.rung());
        ageing.start();
        for (VmWorker worker : workers) {
            sockets.add(open(worker));
        }
        // Last: nothing waits for them, and they run where this thread may, on the housekeeping CPUs.
        log.start(plan, scheduling.rung());
        audit = VmAudit.start(workers, scheduling.reserves(), counters, log);
    }

    private void build(Network network, AdmissionPlan plan) {
        List<Vm> vms = configuration.vms().stream()
                .filter(vm -> vm.network().equals(network.name()))
                .toList();
        if (vms.isEmpty()) {
            return;
        }
        Member.Segment segment = Member.build(new Member.Plan(
                network.name(),
                network.mtuBytes(),
                network.macLimit(),
                vms.stream()
                        .map(vm -> vm.mac().map(Dataplane::wireOrder).orElse(0L))
                        .toList(),
                i -> sendLimit(vms.get(i), network),
                i -> counters.register(vms.get(i).name())));
        MacTable addresses = segment.network().addresses();
        ageing.watch(addresses, network.ageing());
        for (int i = 0; i < vms.size(); i++) {
            int member = i;
            workers.add(startWorker(
                    plan.of(vms.get(i)),
                    segment.members().get(i),
                    network.mtuBytes(),
                    plan,
                    () -> addresses.forgetMember(member)));
        }
    }

    private VmWorker startWorker(PlannedVm planned, Member member, int mtu, AdmissionPlan plan, Runnable departed) {
        Vm vm = planned.vm();
        GuestDevice device = new GuestDevice(vm.name(), Offer.of(vm.queuePairs(), mtu), member.events(), log, departed);
        Worker worker = new Worker(
                "worker-" + vm.name(),
                member.port(),
                member.doorbell(),
                member.events(),
                member.tally(),
                inbox,
                device);
        device.attach(worker);
        return new VmWorker(planned, member, device, worker, worker.start(), plan.cpuOf(planned));
    }

    private AutoCloseable open(VmWorker worker) throws IOException {
        Path socket = worker.vm().socket();
        if (worker.vm().role() == Role.CLIENT) {
            return VhostUserConnector.open(eventLoop, socket, worker.device());
        }
        Files.createDirectories(socket.toAbsolutePath().getParent());
        return VhostUserListener.open(eventLoop, socket, worker.device());
    }

    private static @Nullable SendLimit sendLimit(Vm vm, Network network) {
        return vm.limit()
                .map(limit -> new SendLimit(
                        limit.packetsPerSecond().orElse(0),
                        limit.bitsPerSecond().orElse(0),
                        limit.burstPackets().orElse(0),
                        network.mtuBytes() + 22,
                        System.nanoTime()))
                .orElse(null);
    }

    /** An address as the packet path has it: its first byte on the wire is the lowest. */
    private static long wireOrder(MacAddress address) {
        return Long.reverseBytes(address.bits()) >>> 16;
    }

    /** One line that says what is running: VMs, CPUs and the scheduling in force. */
    public String readyLine() {
        return "ready: %d VMs on CPUs %s, scheduling %s"
                .formatted(workers.size(), configuration.host().cpus(), scheduling.rung());
    }

    /**
     * The thread of a VM's worker.
     *
     * @param threadId the kernel's id
     * @param cpu the dataplane CPU it was placed on
     */
    public record WorkerThread(String vm, int threadId, int cpu) {}

    /** The workers, in the order of their networks and VMs. */
    public List<WorkerThread> workerThreads() {
        return workers.stream()
                .map(worker -> new WorkerThread(worker.vm().name(), worker.threadId(), worker.cpu()))
                .toList();
    }

    /** The rung of the scheduling ladder that is in force, in the configuration's words. */
    public String rung() {
        return scheduling.rung();
    }

    /** The counters of all VMs. */
    public Counters counters() {
        return counters;
    }

    /** Ends all sessions and workers, gives the CPUs back and removes what was created on the host. */
    @Override
    public void close() {
        closeAll(sockets);
        if (audit != null) {
            audit.close();
        }
        ageing.close();
        workers.forEach(VmWorker::stop);
        for (VmWorker worker : workers) {
            if (!worker.awaitStopped()) {
                log.warning(worker.vm().name(), "its worker did not end in time");
            }
        }
        scheduling.close();
        eventLoop.close();
        inbox.close();
        log.close();
        counters.close();
    }

    private void closeAll(List<AutoCloseable> resources) {
        for (AutoCloseable resource : resources) {
            try {
                resource.close();
            } catch (Exception e) {
                log.warning("host", "cannot close " + resource + ": " + e.getMessage());
            }
        }
    }
}
