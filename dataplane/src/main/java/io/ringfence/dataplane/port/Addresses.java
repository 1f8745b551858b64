package io.ringfence.dataplane.port;

import io.ringfence.dataplane.network.MacTable;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Tally;

/**
 * The addresses of a network as the worker of one VM sees them: from which the VM may send, and which VM is behind one.
 *
 * <p>The last answers are remembered, for frames come in trains. Owned by the VM's worker; the table is shared.
 */
final class Addresses {
    private static final long GROUP_BIT = 1; // first bit on the wire: multicast and broadcast
    private static final long RELEARN_NANOS = 1_000_000_000L;

    /** The VM that this worker belongs to, as addresses are learned. */
    private final int vm;

    private final long assigned;
    private final Tally tally;
    private MacTable table;
    private long learned;
    private long learnedNanos;
    private int learnedVersion;
    private long asked;
    private int askedVersion;
    private int askedVm = MacTable.UNKNOWN;

    /** @param assigned the only source address allowed, or 0 if the VM may use any */
    Addresses(int vm, long assigned, MacTable table, Tally tally) {
        this.vm = vm;
        this.assigned = assigned;
        this.table = table;
        this.tally = tally;
    }

    /** Looks them up there from now on. */
    void use(MacTable next) {
        table = next;
        askedVersion = table.version() - 1;
        learned = 0;
        learnedVersion = table.version() - 1; // else that would pass for learned
    }

    /** Whether it is one of many: multicast or broadcast. */
    static boolean isGroup(long address) {
        return (address & GROUP_BIT) != 0;
    }

    /** Whether this source address is the VM's own, or was learned just now and still is behind this VM. */
    boolean isSourceKnown(long source, long nowNanos) {
        return assigned != 0
                ? source == assigned
                : source == learned && nowNanos - learnedNanos < RELEARN_NANOS && isStillLearned();
    }

    /** Looks it up when the table has changed; where others learn all the time, learning would write to it all the time, too. */
    private boolean isStillLearned() {
        int version = table.version();
        if (version != learnedVersion) {
            if (table.lookup(learned) != vm) {
                return false;
            }
            learnedVersion = version;
        }
        return true;
    }

    /**
     * Whether the VM may send from this address, which is learned.
     *
     * @param again whether this frame was asked for before: what finds the table full is counted once
     */
    boolean isSourceAllowed(long source, boolean again, long nowNanos) {
        if (assigned != 0) {
            return source == assigned;
        }
        if (isGroup(source) || source == 0) {
            return false;
        }
        if (isSourceKnown(source, nowNanos)) {
            return true;
        }
        int version = table.version();
        switch (table.learn(source, vm, nowNanos)) {
            case YES -> {
                learned = source;
                learnedNanos = nowNanos;
                learnedVersion = version;
            }
            case FULL -> tally.add(Counter.MAC_TABLE_FULL, again ? 0 : 1);
            case FOREIGN -> {
                return false;
            }
        }
        return true;
    }

    /** As {@link MacTable#lookup}. */
    int vmOf(long destination) {
        int version = table.version();
        if (destination != asked || version != askedVersion) {
            askedVm = table.lookup(destination);
            asked = destination;
            askedVersion = version;
        }
        return askedVm;
    }
}
