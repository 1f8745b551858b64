package io.ringfence.dataplane.journal;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One entry of the journal.
 *
 * <p>Stored by its field names, so a later version may add fields and kinds: what a reader does not know it leaves out,
 * what an old entry lacks reads as 0 or null.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = JournalRecord.Started.class, name = "started"),
    @JsonSubTypes.Type(value = JournalRecord.Stopped.class, name = "stopped"),
    @JsonSubTypes.Type(value = JournalRecord.Rung.class, name = "rung"),
    @JsonSubTypes.Type(value = JournalRecord.Admission.class, name = "admission"),
    @JsonSubTypes.Type(value = JournalRecord.Session.class, name = "session"),
    @JsonSubTypes.Type(value = JournalRecord.Event.class, name = "event"),
    @JsonSubTypes.Type(value = JournalRecord.Interval.class, name = "interval")
})
public sealed interface JournalRecord {
    /** When it happened; for an interval, when it ended. */
    Instant at();

    /** The VM that it is about, or a worker of it ({@code alice/1}); null if it is about the host or all of Ringfence. */
    default @Nullable String vm() {
        return null;
    }

    /** Whether it is about this VM, as a whole or one of its workers. */
    default boolean concerns(String wanted) {
        String about = vm();
        return about != null && (about.equals(wanted) || about.startsWith(wanted + "/"));
    }

    /**
     * Ringfence began to run.
     *
     * @param cpus the dataplane CPUs
     */
    record Started(Instant at, long pid, List<Integer> cpus, int vms) implements JournalRecord {}

    /** Ringfence was ended in good order. A start without an end before it: the run before was killed. */
    record Stopped(Instant at, long pid) implements JournalRecord {}

    /**
     * The scheduling in force.
     *
     * @param rung of the ladder
     * @param lowestAllowed by the configuration
     */
    record Rung(Instant at, String rung, String lowestAllowed) implements JournalRecord {}

    /**
     * Whether a worker of a VM got its reservation.
     *
     * @param cpu of its worker
     * @param guaranteedFramesPerSecond 0 if it has no guarantee
     * @param reason why it did not
     */
    record Admission(
            Instant at,
            String vm,
            boolean admitted,
            int cpu,
            long runtimeNanos,
            long periodNanos,
            long guaranteedFramesPerSecond,
            long guaranteedBurstFrames,
            long guaranteedLatencyNanos,
            @Nullable String reason)
            implements JournalRecord {}

    /**
     * A front-end came or went.
     *
     * @param state {@code attached} or {@code detached}
     * @param reason why it detached
     */
    record Session(
            Instant at, String vm, String state, @Nullable String reason) implements JournalRecord {}

    /**
     * Anything else that the operator was told.
     *
     * @param vm null for the host
     */
    record Event(Instant at, @Nullable String vm, String text, boolean warning) implements JournalRecord {}

    /**
     * What a VM asked for and got in an interval.
     *
     * @param at its end
     * @param lengthNanos of the interval
     * @param guaranteedFramesPerSecond 0 if there is no guarantee
     * @param guaranteedLatencyNanos 0 if there is none
     * @param offeredFrames that the worker saw in the VM's transmit queues
     * @param carriedFrames of the VM that went on to a receiver or into its handoff
     * @param receivedFrames put into the VM's receive queues
     * @param droppedFrames by cause
     * @param reservedNanos CPU time that the reservation gives in the interval; 0 without a reservation in force
     * @param usedNanos CPU time of the worker
     * @param waitedNanos in which the worker could have run but did not have the CPU, as the kernel counts it: other
     *     workers, throttling, and its own yields to the next period
     * @param worstLatencyNanos from when the worker saw a frame until its receiver did
     * @param worstHeldUpLatencyNanos the same, of frames that waited for a receiver without room or the VM's own limit
     * @param throttles times the worker used more than its runtime, so that the kernel throttled it
     * @param yields times the worker gave up the CPU because its budget was spent
     * @param stalls times the worker could have run and did not, by their shortest length
     * @param stalledNanos time in all stalls
     * @param why in words, if the guarantee was not kept
     */
    record Interval(
            Instant at,
            String vm,
            long lengthNanos,
            Verdict verdict,
            @Nullable String why,
            long guaranteedFramesPerSecond,
            long guaranteedLatencyNanos,
            long offeredFrames,
            long carriedFrames,
            long receivedFrames,
            Map<String, Long> droppedFrames,
            long reservedNanos,
            long usedNanos,
            long waitedNanos,
            long worstLatencyNanos,
            long worstHeldUpLatencyNanos,
            long throttles,
            long yields,
            Map<String, Long> stalls,
            long stalledNanos)
            implements JournalRecord {
        @SuppressWarnings({"ConstantValue", "NullAway"}) // absent from an entry if there were none
        public Interval {
            droppedFrames = droppedFrames == null ? Map.of() : droppedFrames;
            stalls = stalls == null ? Map.of() : stalls;
        }
    }
}
