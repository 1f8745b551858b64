package io.ringfence.dataplane.audit;

import io.ringfence.dataplane.journal.Verdict;
import io.ringfence.dataplane.telemetry.Counter;
import org.jspecify.annotations.Nullable;

/**
 * Whether a guarantee was kept in an interval, and who is to answer for it if not.
 *
 * <p>It was kept if all frames that the guest offered were carried within the latency, or within what takes its place. The
 * host answers for what neither the guest nor a receiver explains, and always if less than the guaranteed rate was carried
 * though it was offered and no receiver was in the way.
 *
 * @param why in words; null if it was kept or there is none
 */
record Judgement(Verdict verdict, @Nullable String why) {
    private static final double NANOS_PER_MICRO = 1e3;

    /** @param exceededBefore whether the guest exceeded its guarantee in the interval before: what waits may be from then */
    static Judgement of(Audit audit, boolean exceededBefore) {
        if (!audit.guarantee().any()) {
            return new Judgement(Verdict.NO_GUARANTEE, null);
        }
        long missing = missing(audit);
        boolean receiver = receiverInTheWay(audit);
        boolean late = late(audit, Counter.WORST_LATENCY_NANOS);
        if (missing > 0 && !receiver) {
            return hostFailed(audit, missing + " frames of the guaranteed rate were offered and not carried");
        }
        if (missing <= 0 && !late && !receiver) {
            return new Judgement(Verdict.KEPT, null);
        }
        if (exceeded(audit) || exceededBefore) {
            return new Judgement(
                    Verdict.GUEST_EXCEEDED,
                    "offered %d frames, up to %d at once; guaranteed are %.0f in this time, %d at once"
                            .formatted(
                                    audit.offered(),
                                    audit.highest(Counter.MOST_WAITING_FRAMES),
                                    audit.guarantee().framesIn(audit.lengthNanos()),
                                    audit.guarantee().burstFrames()));
        }
        if (late) {
            return hostFailed(
                    audit,
                    "a frame took %.0f us, %s %.0f us"
                            .formatted(
                                    audit.highest(Counter.WORST_LATENCY_NANOS) / NANOS_PER_MICRO,
                                    audit.guarantee().promisesLatency()
                                            ? "guaranteed are"
                                            : "where no latency is guaranteed it should be no more than",
                                    audit.guarantee().boundNanos() / NANOS_PER_MICRO));
        }
        return new Judgement(Verdict.RECEIVER_HELD_UP, receiverHints(audit));
    }

    /** Whether the guest offered more than it was guaranteed, or more at once than there can be while that is kept. */
    static boolean exceeded(Audit audit) {
        GuaranteedTraffic guarantee = audit.guarantee();
        if (!guarantee.any()) {
            return false;
        }
        // Frames that came while the worker was kept from looking are no burst.
        long mayWaitNanos = guarantee.boundNanos() + audit.added(Counter.STALLED_NANOS);
        boolean burst = audit.highest(Counter.MOST_WAITING_FRAMES) > guarantee.entitledFrames(mayWaitNanos);
        return burst || audit.offered() > guarantee.entitledFrames(audit.lengthNanos());
    }

    /** Frames offered within the guaranteed rate that were neither carried nor can still be in time. */
    private static long missing(Audit audit) {
        GuaranteedTraffic guarantee = audit.guarantee();
        long wanted = audit.offered() - audit.guestDrops() - audit.droppedSegments();
        double due = Math.min((double) wanted, guarantee.framesIn(audit.lengthNanos()));
        return (long) (due - audit.carried() - guarantee.entitledFrames(guarantee.boundNanos()));
    }

    private static boolean receiverInTheWay(Audit audit) {
        return audit.receiverDrops() > 0 || late(audit, Counter.WORST_HELD_UP_LATENCY_NANOS);
    }

    private static boolean late(Audit audit, Counter latency) {
        return audit.highest(latency) > audit.guarantee().boundNanos();
    }

    private static String receiverHints(Audit audit) {
        String dropped = audit.receiverDrops() > 0 ? audit.receiverDrops() + " frames dropped" : "frames waited";
        return dropped + " because a receiver was not there or had no room"
                + (audit.added(Counter.LIMITED_VISITS) > 0 ? ", or for the VM's own limit" : "");
    }

    private static Judgement hostFailed(Audit audit, String what) {
        StringBuilder why = new StringBuilder(what);
        long stalled = audit.added(Counter.STALLED_NANOS);
        if (stalled > 0) {
            why.append("; the worker stalled for %.0f us in all".formatted(stalled / NANOS_PER_MICRO));
        }
        if (audit.added(Counter.THROTTLES) > 0) {
            why.append("; the kernel throttled it %d times".formatted(audit.added(Counter.THROTTLES)));
        }
        if (audit.added(Counter.YIELDS) > 0) {
            why.append("; its budget was spent in %d periods".formatted(audit.added(Counter.YIELDS)));
        }
        return new Judgement(Verdict.HOST_FAILED, why.toString());
    }
}
