package io.ringfence.dataplane.audit;

import io.ringfence.dataplane.journal.JournalRecord;
import io.ringfence.dataplane.telemetry.Counter;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** What a VM offered and got between two readings. */
final class Audit {
    /** Drops that the guest brought about itself. */
    private static final Set<Counter> GUEST_DROPS = EnumSet.range(Counter.DROPPED_RUNT, Counter.DROPPED_TO_SELF);

    /**
     * Drops for a receiver's sake; {@link Counter#DROPPED_DETACHED} and {@link Counter#DROPPED_STARVED_QUEUE} count frames of others, at
     * their receiver.
     */
    private static final Set<Counter> RECEIVER_DROPS = EnumSet.of(
            Counter.DROPPED_NO_RECEIVER,
            Counter.DROPPED_CONGESTED,
            Counter.DROPPED_NO_ROOM,
            Counter.DROPPED_MEMORY_LOST);

    private static final String DROP = "drop-";
    private static final String STALLS = "stalls-";

    private final AuditedVm vm;
    private final Reading before;
    private final Reading after;

    Audit(AuditedVm vm, Reading before, Reading after) {
        this.vm = vm;
        this.before = before;
        this.after = after;
    }

    GuaranteedTraffic guarantee() {
        return vm.guarantee();
    }

    long lengthNanos() {
        return after.atNanos() - before.atNanos();
    }

    /** What was added to a sum. */
    long added(Counter counter) {
        return after.count(counter) - before.count(counter);
    }

    /** The highest of something, or what it is now. */
    long highest(Counter counter) {
        return after.count(counter);
    }

    /** Frames that the worker saw: taken now, or left for later. */
    long offered() {
        return Math.max(0, transmitted() + added(Counter.WAITING_FRAMES));
    }

    /** Frames that went on to a receiver, or into its handoff; a flooded frame may be dropped several times. */
    long carried() {
        return Math.max(0, transmitted() - guestDrops() - receiverDrops() - droppedSegments());
    }

    /** A frame that is to be cut counts as the packets that it stands for, as in the guarantee. */
    private long transmitted() {
        return added(Counter.TRANSMITTED_FRAMES) + added(Counter.TRANSMITTED_SEGMENTS);
    }

    /** What frames that were dropped stand for, beyond the one that each counts as in its drop. */
    long droppedSegments() {
        return added(Counter.DROPPED_SEGMENTS);
    }

    long guestDrops() {
        return GUEST_DROPS.stream().mapToLong(this::added).sum();
    }

    long receiverDrops() {
        return RECEIVER_DROPS.stream().mapToLong(this::added).sum();
    }

    JournalRecord.Interval record(Instant at, Judgement judgement) {
        return new JournalRecord.Interval(
                at,
                vm.name(),
                lengthNanos(),
                judgement.verdict(),
                judgement.why(),
                guarantee().framesPerSecond(),
                guarantee().latencyNanos(),
                offered(),
                carried(),
                added(Counter.RECEIVED_FRAMES),
                labelled(DROP),
                Math.round(vm.reservedShare() * lengthNanos()),
                after.cpuNanos() - before.cpuNanos(),
                after.waitedNanos() - before.waitedNanos(),
                highest(Counter.WORST_LATENCY_NANOS),
                highest(Counter.WORST_HELD_UP_LATENCY_NANOS),
                added(Counter.THROTTLES),
                added(Counter.YIELDS),
                labelled(STALLS),
                added(Counter.STALLED_NANOS));
    }

    private Map<String, Long> labelled(String prefix) {
        Map<String, Long> counts = new LinkedHashMap<>();
        for (Counter counter : Counter.values()) {
            long count = counter.label().startsWith(prefix) ? added(counter) : 0;
            if (count != 0) {
                counts.put(counter.label().substring(prefix.length()), count);
            }
        }
        return counts;
    }
}
