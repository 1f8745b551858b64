package io.ringfence.dataplane.control;

import io.ringfence.config.Configuration;
import io.ringfence.config.JournalSpec;
import io.ringfence.dataplane.admission.AdmissionPlan;
import io.ringfence.dataplane.admission.PlannedVm;
import io.ringfence.dataplane.admission.PlannedWorker;
import io.ringfence.dataplane.audit.GuaranteedTraffic;
import io.ringfence.dataplane.journal.Journal;
import io.ringfence.dataplane.journal.JournalRecord;
import io.ringfence.scheduler.SchedulingRefusedException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What the operator is told, and at the same time what is recorded, if the configuration has a journal. */
final class JournalledLog implements EventLog, AutoCloseable {
    /** A start that is refused has all the time to say so. */
    private static final long REFUSAL_MILLIS = 10_000;

    static final String HOST = "host";

    private final EventLog operator;
    private final @Nullable Journal journal;
    private final Instant begun = Instant.now();
    private boolean started;

    /**
     * Takes the directory of the journal, and writes nothing before {@link #start}.
     *
     * @throws io.ringfence.dataplane.journal.JournalException if the directory cannot be used
     */
    JournalledLog(Configuration configuration, EventLog operator) {
        this.operator = operator;
        journal = configuration.journal().map(this::open).orElse(null);
    }

    private Journal open(JournalSpec spec) {
        return Journal.open(spec.directory(), spec.retainBytes(), text -> operator.warning(HOST, text));
    }

    /**
     * Begins to write, with what was decided so far. From the thread that calls this the journal's thread inherits its CPUs.
     *
     * @param rung of the ladder that is in force
     */
    void start(AdmissionPlan plan, String rung) {
        if (journal == null) {
            return;
        }
        started = true;
        Configuration configuration = plan.configuration();
        Instant now = Instant.now();
        journal.append(new JournalRecord.Started(
                begun,
                ProcessHandle.current().pid(),
                configuration.host().cpus(),
                configuration.vms().size()));
        journal.append(new JournalRecord.Rung(
                now, rung, SchedulingLadder.name(configuration.host().scheduling())));
        plan.vms().forEach(vm -> admitted(plan, vm));
        journal.start();
    }

    /** Records that a VM has what is planned for it. */
    void admitted(AdmissionPlan plan, PlannedVm vm) {
        vm.workers().forEach(worker -> record(admission(Instant.now(), plan, worker, null)));
    }

    /** Records that a VM does not get what is planned for it. */
    void refused(AdmissionPlan plan, PlannedVm vm, String reason) {
        vm.workers().forEach(worker -> record(admission(Instant.now(), plan, worker, reason)));
    }

    private static JournalRecord admission(
            Instant now, AdmissionPlan plan, PlannedWorker planned, @Nullable String refusal) {
        GuaranteedTraffic guarantee = VmAudit.guarantee(planned.vm().vm());
        return new JournalRecord.Admission(
                now,
                planned.name(),
                refusal == null,
                plan.cpuOf(planned),
                planned.reservation().runtimeNanos(),
                planned.reservation().periodNanos(),
                guarantee.framesPerSecond(),
                guarantee.burstFrames(),
                guarantee.latencyNanos(),
                refusal);
    }

    /** Records written so far; 0 without a journal. */
    long written() {
        return journal == null ? 0 : journal.written();
    }

    /** Records lost so far. */
    long lost() {
        return journal == null ? 0 : journal.lost();
    }

    /** Records what the operator is not told, or is told otherwise. */
    void record(JournalRecord entry) {
        if (journal != null) {
            journal.append(entry);
        }
    }

    @Override
    public void event(String vm, String what) {
        operator.event(vm, what);
        recordEvent(vm, what, false);
    }

    @Override
    public void warning(String vm, String what) {
        operator.warning(vm, what);
        recordEvent(vm, what, true);
    }

    private void recordEvent(String vm, String what, boolean warning) {
        record(new JournalRecord.Event(Instant.now(), vm.equals(HOST) ? null : vm, what, warning));
    }

    @Override
    public void attached(String vm) {
        operator.attached(vm);
        record(new JournalRecord.Session(Instant.now(), vm, "attached", null));
    }

    @Override
    public void detached(String vm, String reason) {
        operator.detached(vm, reason);
        record(new JournalRecord.Session(Instant.now(), vm, "detached", reason));
    }

    /** Records the end of a run, if it had begun; once. */
    @Override
    public void close() {
        close(Journal.END_MILLIS);
    }

    /** The same, and waits so many ms at most until it is written. */
    void close(long millis) {
        if (journal != null && started) {
            started = false;
            journal.append(new JournalRecord.Stopped(
                    Instant.now(), ProcessHandle.current().pid()));
            journal.close(millis);
        }
    }

    /**
     * Records that nothing was started and why, and waits until that is written.
     *
     * @param plan what was refused; null if there is none, because a VM's guarantee is more than any CPU can keep
     */
    void closeRefused(@Nullable AdmissionPlan plan, Throwable failure) {
        if (journal != null) {
            String reason = String.valueOf(failure.getMessage());
            if (plan != null && failure instanceof SchedulingRefusedException) {
                plan.vms().forEach(vm -> refused(plan, vm, reason));
            } else {
                recordEvent(HOST, "not started: " + reason, true);
            }
            journal.close(REFUSAL_MILLIS);
        }
    }
}
