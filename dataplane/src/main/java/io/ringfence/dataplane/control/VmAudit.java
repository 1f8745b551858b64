package io.ringfence.dataplane.control;

import io.ringfence.config.GuaranteeSpec;
import io.ringfence.config.ReservationSpec;
import io.ringfence.config.Vm;
import io.ringfence.dataplane.audit.AuditedVm;
import io.ringfence.dataplane.audit.Auditor;
import io.ringfence.dataplane.audit.GuaranteedTraffic;
import io.ringfence.dataplane.journal.JournalRecord;
import io.ringfence.dataplane.telemetry.Counters;
import java.util.List;
import org.agrona.concurrent.status.AtomicCounter;

/** The audit of the VMs of a dataplane: every interval goes to the counters file and to the journal. */
final class VmAudit implements AutoCloseable {
    private final JournalledLog log;
    private final AtomicCounter written;
    private final AtomicCounter lost;
    private final Auditor auditor;

    private VmAudit(List<AuditedVm> vms, Counters counters, JournalledLog log) {
        this.log = log;
        written = counters.registerForHost("journal-records");
        lost = counters.registerForHost("journal-records-lost");
        auditor = new Auditor(vms, this::record);
    }

    /** @param reserves whether the workers have reservations on the rung in force */
    static VmAudit start(List<VmWorker> workers, boolean reserves, Counters counters, JournalledLog log) {
        List<AuditedVm> vms = workers.stream()
                .map(worker -> new AuditedVm(
                        worker.vm().name(),
                        worker.threadId(),
                        guarantee(worker.vm()),
                        reserves ? worker.planned().reservation().share() : 0,
                        List.of(counters.of(worker.vm().name())),
                        List.of(counters.registerIntervals(worker.vm().name()))))
                .toList();
        VmAudit audit = new VmAudit(vms, counters, log);
        audit.auditor.start();
        return audit;
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
