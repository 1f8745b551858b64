package io.ringfence.dataplane.control;

import io.ringfence.config.GuaranteeSpec;
import io.ringfence.config.ReservationSpec;
import io.ringfence.config.Vm;
import io.ringfence.dataplane.audit.AuditedVm;
import io.ringfence.dataplane.audit.Auditor;
import io.ringfence.dataplane.audit.GuaranteedTraffic;
import io.ringfence.dataplane.journal.JournalRecord;
import io.ringfence.dataplane.telemetry.Counters;
import java.util.HashMap;
import java.util.Map;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * The audit of the workers of a dataplane: every interval goes to the counters file and to the journal. Used by one control
 * thread at a time.
 */
final class VmAudit implements AutoCloseable {
    private final JournalledLog log;
    private final boolean reserves;
    private final AtomicCounter written;
    private final AtomicCounter lost;
    private final Auditor auditor;
    private final Map<VmWorker, AuditedVm> audited = new HashMap<>();

    private VmAudit(boolean reserves, Counters counters, JournalledLog log) {
        this.reserves = reserves;
        this.log = log;
        written = counters.registerForHost("journal-records");
        lost = counters.registerForHost("journal-records-lost");
        auditor = new Auditor(this::record);
    }

    /** @param reserves whether the workers have reservations on the rung in force */
    static VmAudit start(boolean reserves, Counters counters, JournalledLog log) {
        VmAudit audit = new VmAudit(reserves, counters, log);
        audit.auditor.start();
        return audit;
    }

    /** Audits a worker from now on, by what it is promised now. */
    void watch(VmWorker worker) {
        ignore(worker);
        AuditedVm vm = new AuditedVm(
                worker.name(),
                worker.threadId(),
                guarantee(worker.planned().vm()),
                reserves ? worker.planned().reservation().share() : 0,
                worker.counters().counts(),
                worker.counters().intervals());
        audited.put(worker, vm);
        auditor.watch(vm);
    }

    /** Audits a worker no longer; when this returns, its counters are left alone. */
    void ignore(VmWorker worker) {
        AuditedVm vm = audited.remove(worker);
        if (vm != null) {
            auditor.ignore(vm);
        }
    }

    /** What a VM was promised. */
    static GuaranteedTraffic guarantee(Vm vm) {
        return switch (vm.entitlement()) {
            case ReservationSpec ignored -> GuaranteedTraffic.NONE;
            case GuaranteeSpec guarantee ->
                new GuaranteedTraffic(
                        guarantee.packetsPerSecond(),
                        guarantee.burstPackets(),
                        guarantee.latencyNanos().orElse(0));
        };
    }

    private void record(JournalRecord.Interval interval) {
        log.record(interval);
        written.setOpaque(log.written());
        lost.setOpaque(log.lost());
    }

    @Override
    public void close() {
        auditor.close();
    }
}
