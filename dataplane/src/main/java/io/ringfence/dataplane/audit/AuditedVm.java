package io.ringfence.dataplane.audit;

import java.util.List;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * A VM as the auditor sees it.
 *
 * @param threadId kernel id of its worker's thread
 * @param guarantee what it was promised
 * @param reservedShare of a CPU, by a reservation that is in force; else 0
 * @param counters what its worker counts, by {@link io.ringfence.dataplane.telemetry.Counter#index}
 * @param intervals where the auditor shows the last interval, by {@link
 *     io.ringfence.dataplane.telemetry.IntervalCounter#index}
 */
public record AuditedVm(
        String name,
        int threadId,
        GuaranteedTraffic guarantee,
        double reservedShare,
        List<AtomicCounter> counters,
        List<AtomicCounter> intervals) {}
