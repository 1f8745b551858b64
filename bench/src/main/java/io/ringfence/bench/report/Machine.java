package io.ringfence.bench.report;

import io.ringfence.dataplane.cost.HostIdentity;
import java.time.Instant;

/** When and where figures were measured. */
public final class Machine {
    private Machine() {}

    /** A paragraph for the beginning of a report. */
    public static Block of(Instant startedAt, HostIdentity host) {
        return new Block.Prose(
                "%s; %s; kernel %s; %s.".formatted(startedAt, host.cpuModel(), host.kernelRelease(), host.jvm()));
    }
}
