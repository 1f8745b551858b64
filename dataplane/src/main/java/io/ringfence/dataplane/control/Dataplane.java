package io.ringfence.dataplane.control;

import io.ringfence.config.Configuration;
import io.ringfence.dataplane.admission.AdmissionPlan;
import io.ringfence.dataplane.admission.PlannedVm;
import io.ringfence.dataplane.diagnosis.Diagnosis;
import io.ringfence.dataplane.reload.Difference;
import io.ringfence.dataplane.reload.VmChange;
import io.ringfence.dataplane.telemetry.Counters;
import io.ringfence.dataplane.warmup.WarmUp;
import io.ringfence.dataplane.worker.PollingThread;
import io.ringfence.scheduler.OnlineCpus;
import io.ringfence.scheduler.Rung;
import io.ringfence.scheduler.SchedulingRefusedException;
import io.ringfence.scheduler.VmThread;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.agrona.CloseHelper;
import org.jspecify.annotations.Nullable;

/**
 * The running dataplane of one configuration: networks, the workers of each VM, and the sockets of their sessions.
 *
 * <p>Any control thread may reload it or close it; the one waits for the other.
 */
public final class Dataplane implements AutoCloseable {
    /** Guests wait for it whenever Ringfence starts. */
    private static final long LONGEST_WARM_UP_MILLIS = Long.getLong("ringfence.warmup.longest.millis", 3_000);

    /** More workers than at the start, and each that is replaced counts twice meanwhile. A host that begins empty may fill. */
    static final int LEAST_ROOM = 256;

    private static final int FURTHER_ROOM = 16;

    /** Of the 1.8 s that a process may take to end: the journal has what sessions and CPUs leave of it. */
    private static final long END_MILLIS = 1_600;

    private static final long LEAST_JOURNAL_MILLIS = 100;

    private final JournalledLog log;
    private final Counters counters;
    private final WorkerScheduling scheduling;
    private final Ageing ageing = new Ageing();
    private final RunningVms vms;
    private AdmissionPlan running;
    private @Nullable VmAudit audit;

    private Dataplane(AdmissionPlan plan, JournalledLog log, Set<Diagnosis> diagnoses) throws IOException {
        this.log = log;
        running = plan;
        counters = RunDirectory.createCounters(Math.max(LEAST_ROOM, 2 * workers(plan.vms()) + FURTHER_ROOM));
        boolean shared = diagnoses.contains(Diagnosis.SHARED_THREAD);
        scheduling = new WorkerScheduling(
                log, shared ? Rung.OTHER : Rung.DEADLINE, !diagnoses.contains(Diagnosis.UNMETERED));
        vms = new RunningVms(counters, ageing, log, shared ? PollingThread.start() : null);
    }

    /** Makes a plan of a configuration. */
    @FunctionalInterface
    public interface Planner {
        /**
         * Says what would run where.
         *
         * @throws SchedulingRefusedException if no CPU can keep a guarantee
         */
        AdmissionPlan plan(Configuration configuration);
    }

    /**
     * Starts everything; returns when every socket listens or, in the client role, is being connected to.
     *
     * @param diagnoses spoil the run, as far as that is a matter of the workers; the operator is warned of them
     * @throws SchedulingRefusedException if the host cannot give what the configuration asks for
     * @throws io.ringfence.dataplane.journal.JournalException if the journal's directory cannot be used
     * @throws RunDirectoryException if the run directory cannot be written to
     * @throws IOException if a socket cannot be opened
     */
    public static Dataplane start(
            Configuration configuration, Planner planner, EventLog operator, Set<Diagnosis> diagnoses)
            throws IOException {
        return start(configuration, planner, operator, diagnoses, () -> false);
    }

    /**
     * The same, without what could take long once it is to end again.
     *
     * @param ending whether that is so; asked by the calling thread
     */
    public static Dataplane start(
            Configuration configuration,
            Planner planner,
            EventLog operator,
            Set<Diagnosis> diagnoses,
            BooleanSupplier ending)
            throws IOException {
        JournalledLog log = new JournalledLog(configuration, operator);
        AdmissionPlan plan = null;
        try {
            plan = planner.plan(configuration);
            plan.requireOnline(OnlineCpus.read());
            plan.requirePossible();
            WorkerScheduling.removeStale(configuration);
            return start(plan, log, diagnoses, ending);
        } catch (IOException | RuntimeException | Error e) {
            log.closeRefused(plan, e);
            throw e;
        }
    }

    private static Dataplane start(
            AdmissionPlan plan, JournalledLog log, Set<Diagnosis> diagnoses, BooleanSupplier ending)
            throws IOException {
        Dataplane dataplane = new Dataplane(plan, log, diagnoses);
        try {
            dataplane.start(plan, ending);
            diagnoses.forEach(diagnosis -> log.warning(JournalledLog.HOST, diagnosis.warning()));
            return dataplane;
        } catch (IOException | RuntimeException | Error e) {
            try {
                dataplane.close();
            } catch (RuntimeException another) {
                e.addSuppressed(another);
            }
            throw e;
        }
    }

    private synchronized void start(AdmissionPlan plan, BooleanSupplier ending) throws IOException {
        List<RunningVm> built = vms.build(plan, plan.vms());
        built.forEach(vm -> vms.networkOf(vm).assign(vm));
        VmThread.sleepPrecisely();
        WarmUp.run(LONGEST_WARM_UP_MILLIS, ending);
        // Only now: until the workers take them, the compiler may use the dataplane CPUs too.
        scheduling.apply(plan, vms.workers());
        counters.announce("host/scheduling-" + scheduling.rung());
        ageing.start();
        for (RunningVm vm : built) {
            vm.open();
        }
        // Last: nothing waits for them, and they run where this thread may, on the housekeeping CPUs.
        log.start(plan, scheduling.rung());
        audit = VmAudit.start(scheduling.reserves(), counters, log);
        vms.workers().forEach(audit::watch);
    }

    /**
     * Makes this configuration the running one: VMs that are the same in both go on undisturbed. What it came to is an event.
     * All or nothing is changed.
     *
     * @throws ReloadRefusedException if something in it cannot be changed while running; nothing has changed
     * @throws SchedulingRefusedException if the host cannot give what it asks for; likewise
     * @throws IOException if a socket cannot be opened; likewise
     */
    public synchronized void reload(Configuration configuration) throws ReloadRefusedException, IOException {
        VmAudit auditing = audit;
        if (auditing == null) {
            throw new IllegalStateException("the dataplane does not run");
        }
        List<String> reasons = Difference.needingRestart(running.configuration(), configuration);
        if (!reasons.isEmpty()) {
            throw new ReloadRefusedException(reasons);
        }
        vms.freeStragglers();
        AdmissionPlan next = running.revised(configuration, Difference.staying(running, configuration));
        Difference difference = Difference.between(running, next);
        if (workers(difference.coming()) > counters.room()) {
            throw new ReloadRefusedException(
                    List.of("there is room for %d more workers at once in the counters file; add fewer, or restart"
                            .formatted(counters.room())));
        }
        Reload reload = new Reload(vms, scheduling, log, next, difference);
        try {
            next.requirePossible();
            reload.prepare();
        } catch (SchedulingRefusedException refused) {
            changed(difference).forEach(vm -> log.refused(next, vm, String.valueOf(refused.getMessage())));
            throw refused;
        }
        List<RunningVm> failed = reload.carryOut(auditing);
        running = failed.isEmpty() ? next : without(next, failed);
        changed(difference).filter(vms::runs).forEach(vm -> log.admitted(next, vm));
        log.event(JournalledLog.HOST, "reloaded: " + difference.summary());
    }

    private static int workers(List<PlannedVm> vms) {
        return vms.stream().mapToInt(vm -> vm.workers().size()).sum();
    }

    private static Stream<PlannedVm> changed(Difference difference) {
        return Stream.concat(
                difference.coming().stream(), difference.retuned().stream().map(VmChange::after));
    }

    /** The next reload then tries these again. */
    private AdmissionPlan without(AdmissionPlan plan, List<RunningVm> failed) {
        Configuration whole = plan.configuration();
        List<String> names = failed.stream().map(RunningVm::name).toList();
        Configuration rest = new Configuration(
                whole.host(),
                whole.networks(),
                whole.vms().stream().filter(vm -> !names.contains(vm.name())).toList(),
                whole.journal());
        return plan.revised(rest, Difference.staying(plan, rest));
    }

    /** Where the operator is told what happens, and the journal too. */
    public EventLog log() {
        return log;
    }

    /** One line that says what is running: VMs, CPUs and the scheduling in force. */
    public synchronized String summary() {
        return "%d VMs on CPUs %s, scheduling %s".formatted(vms.all().size(), running.cpus(), scheduling.rung());
    }

    /**
     * The thread of a worker.
     *
     * @param name that of its VM; with several workers, with its number behind it ({@code alice/1})
     * @param threadId the kernel's id
     * @param cpu the dataplane CPU it was placed on
     */
    public record WorkerThread(String name, int threadId, int cpu) {}

    /** The workers, in the order of their networks and VMs. */
    public synchronized List<WorkerThread> workerThreads() {
        return vms.workers().stream()
                .map(worker -> new WorkerThread(worker.name(), worker.threadId(), worker.cpu()))
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

    /** Ends all sessions and workers, gives the CPUs back and removes what was created on the host: all of it, whatever fails. */
    @Override
    public void close() {
        AutoCloseable sessions = this::endVms;
        CloseHelper.closeAll(sessions, scheduling, log, counters);
    }

    /**
     * As {@link #close()}, for a process that is about to end: sessions and workers that take longer than that (guest memory may
     * take long to unmap, and a reload goes first) are left to the end of the process, and so is what the journal has not written
     * within 1.6 s in all.
     */
    public void close(Duration patience) {
        long startNanos = System.nanoTime();
        AutoCloseable sessions = () -> endVms(patience);
        AutoCloseable journal = () -> {
            long usedMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
            log.close(Math.max(LEAST_JOURNAL_MILLIS, END_MILLIS - usedMillis));
        };
        CloseHelper.closeAll(sessions, scheduling, journal, counters);
    }

    private void endVms(Duration patience) throws InterruptedException {
        CompletableFuture<Void> ended = CompletableFuture.runAsync(
                this::endVms,
                task -> Thread.ofPlatform().daemon().name("ringfence-end").start(task));
        try {
            ended.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (TimeoutException late) {
            log.warning(
                    JournalledLog.HOST,
                    "sessions or workers have not ended within %d ms; they end with the process"
                            .formatted(patience.toMillis()));
        }
    }

    private synchronized void endVms() {
        VmAudit auditing = audit;
        audit = null;
        CloseHelper.closeAll(auditing, ageing, () -> scheduling.withdraw(vms.workers()), vms);
    }
}
