package io.ringfence.dataplane.control;

import io.ringfence.config.Role;
import io.ringfence.dataplane.admission.AdmissionPlan;
import io.ringfence.dataplane.admission.PlannedVm;
import io.ringfence.dataplane.reload.Difference;
import io.ringfence.dataplane.reload.VmChange;
import io.ringfence.dataplane.worker.WorkerCommand;
import io.ringfence.scheduler.SchedulingRefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * One change of a running dataplane from one plan to another.
 *
 * <p>Everything that the host may refuse comes first, and is taken back as a whole if it does: CPU time is given back before
 * more is taken, so that the kernel never sees too much; new members are made known to all others; their sockets are opened.
 * Only then do sessions end. A VM that is not in the difference notices nothing but that its worker learns, between two
 * visits, who the members of its network are.
 */
final class Reload {
    /** Of what is reduced, and of a thread that ended otherwise, the kernel releases the rest at the end of a period, and a little later. */
    private static final long RELEASE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final String TAKE_BACK = "take a refused change back";

    private final RunningVms vms;
    private final WorkerScheduling scheduling;
    private final EventLog log;
    private final AdmissionPlan next;
    private final Difference difference;
    private final List<RunningVm> leaving;
    private final List<VmChange> shrunk = new ArrayList<>();
    private final List<VmChange> grown = new ArrayList<>();
    private List<VmWorker> released = List.of();
    private List<RunningVm> newcomers = List.of();
    private OptionalInt fullCpu = OptionalInt.empty();

    Reload(RunningVms vms, WorkerScheduling scheduling, EventLog log, AdmissionPlan next, Difference difference) {
        this.vms = vms;
        this.scheduling = scheduling;
        this.log = log;
        this.next = next;
        this.difference = difference;
        leaving = difference.leaving().stream().map(vm -> vms.of(vm.name())).toList();
    }

    /**
     * Does what can be refused.
     *
     * @throws SchedulingRefusedException if the kernel refuses a reservation; all is as it was before
     * @throws IOException if a socket cannot be opened; likewise
     * @throws DataplaneEndedException if the dataplane was closed meanwhile
     */
    void prepare() throws IOException {
        try {
            newcomers = vms.build(next, difference.coming());
            workersOf(newcomers).forEach(scheduling::place);
            reserve();
            vms.announce(newcomers);
            openSockets();
        } catch (SchedulingRefusedException refused) {
            takeBack();
            throw fullCpu.isPresent()
                    ? scheduling.explained(refused, fullCpu.getAsInt(), next, vms.workers())
                    : refused;
        } catch (IOException | RuntimeException | Error e) {
            // An Error, too: there may be no thread left for a worker.
            takeBack();
            throw e;
        }
    }

    /** First what becomes less, then what becomes more. */
    private void reserve() {
        released = workersOf(leaving);
        WorkerRelease.of(released);
        for (VmChange change : difference.retuned()) {
            if (change.shrinks()) {
                shrunk.add(change);
                shrink(change.name(), change.after());
            }
        }
        for (VmChange change : difference.retuned()) {
            if (!change.shrinks()) {
                grown.add(change);
                grow(change.name(), change.after());
            }
        }
        workersOf(newcomers).forEach(this::schedule);
    }

    private static List<VmWorker> workersOf(List<RunningVm> vms) {
        return vms.stream().flatMap(vm -> vm.workers().stream()).toList();
    }

    private void shrink(String name, PlannedVm planned) {
        RunningVm vm = vms.of(name);
        vm.replan(planned);
        vm.workers().forEach(scheduling::shrink);
    }

    private void grow(String name, PlannedVm planned) {
        RunningVm vm = vms.of(name);
        vm.replan(planned);
        vm.workers().forEach(this::schedule);
    }

    private void schedule(VmWorker worker) {
        try {
            scheduling.schedule(worker, patienceNanos());
        } catch (SchedulingRefusedException refused) {
            fullCpu = OptionalInt.of(worker.cpu());
            throw refused;
        }
    }

    /** Until all that was given back, by those who leave as by newcomers that are taken back, is released. */
    private long patienceNanos() {
        LongStream given = LongStream.concat(
                LongStream.concat(
                        released.stream()
                                .mapToLong(
                                        worker -> worker.planned().reservation().periodNanos()),
                        newcomers.stream()
                                .mapToLong(vm -> vm.planned().reservation().periodNanos())),
                shrunk.stream()
                        .mapToLong(change -> change.before().reservation().periodNanos()));
        return given.max().orElse(0) + RELEASE_NANOS;
    }

    private void openSockets() throws IOException {
        Set<Path> taken = leaving.stream().map(vm -> vm.vm().socket()).collect(Collectors.toSet());
        for (RunningVm newcomer : newcomers) {
            // A connector can wait: nothing about it is refused.
            if (newcomer.vm().role() == Role.SERVER
                    && !taken.contains(newcomer.vm().socket())) {
                vms.open(newcomer);
            }
        }
    }

    /** In the order that never asks for more than there is. */
    private void takeBack() {
        tryTo(TAKE_BACK, () -> vms.end(newcomers));
        grown.forEach(change -> tryTo(TAKE_BACK, () -> shrink(change.name(), change.before())));
        shrunk.forEach(change -> tryTo(TAKE_BACK, () -> grow(change.name(), change.before())));
        released.forEach(worker -> tryTo(TAKE_BACK, () -> scheduling.schedule(worker, patienceNanos())));
    }

    private void tryTo(String what, Runnable step) {
        try {
            step.run();
        } catch (DataplaneEndedException ended) {
            // Nothing has to be as it was before. Whoever wants the reload is told, and once is enough.
        } catch (RuntimeException e) {
            log.warning(JournalledLog.HOST, "could not " + what + ": " + e.getMessage());
        }
    }

    /**
     * Does the rest, which the host does not refuse any more.
     *
     * @return VMs that are not there after all, because the socket of the VM that they replace could not be opened again
     */
    List<RunningVm> carryOut(VmAudit audit) {
        workersOf(leaving).forEach(audit::ignore);
        vms.end(leaving);
        difference.networks().forEach(network -> tryTo("change network " + network.name(), () -> vms.retune(network)));
        newcomers.forEach(vm -> vms.networkOf(vm).assign(vm));
        difference
                .retuned()
                .forEach(change ->
                        tryTo("change VM " + change.name(), () -> retune(vms.of(change.name()), change, audit)));
        List<RunningVm> failed = new ArrayList<>();
        for (RunningVm newcomer : newcomers) {
            try {
                if (!newcomer.isOpen()) {
                    vms.open(newcomer);
                }
                newcomer.workers().forEach(audit::watch);
            } catch (SocketRefusedException | RuntimeException e) {
                log.warning(newcomer.name(), "not added: " + e.getMessage());
                failed.add(newcomer);
            }
        }
        vms.end(failed);
        return failed;
    }

    private void retune(RunningVm vm, VmChange change, VmAudit audit) {
        vm.replan(change.after());
        boolean limited =
                !change.before().vm().limit().equals(change.after().vm().limit());
        for (VmWorker worker : vm.workers()) {
            if (limited) {
                worker.submit(new WorkerCommand.Limit(vms.networkOf(vm).sendLimit(vm.vm())));
            }
            audit.watch(worker);
        }
    }
}
