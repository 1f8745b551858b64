package io.ringfence.bench.steady;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;
import org.jspecify.annotations.Nullable;

/** Reads a flight recording made with {@code steady.jfc}. */
final class Recording {
    private static final String WORKER = "worker-";
    private static final int FRAMES = 12;

    /** Where something happened, and what. */
    private record Place(boolean isAllocation, String what, List<String> stack) {}

    /** What a thread had allocated at the beginning, and what since. */
    private record Allocated(String thread, long before, long bytes) {}

    /** How often and in which threads. */
    private static final class Times {
        private final Set<String> threads = new TreeSet<>();
        private long count;
    }

    private final Map<Place, Times> offences = new LinkedHashMap<>();
    /** By the id of the thread, for names are not unique. */
    private final Map<Long, Allocated> allocated = new HashMap<>();

    private int otherDeoptimisations;
    private int compilations;
    private int collections;
    private int safepoints;

    private Recording() {}

    /**
     * What happened in an interval; both of its ends should be some 100 ms away from whatever is to count, for that often
     * threads' bytes are told.
     *
     * @throws IOException if the file cannot be read, or is none
     */
    static Observation read(Path file, Instant from, Instant to) throws IOException {
        Recording recording = new Recording();
        try (RecordingFile events = new RecordingFile(file)) {
            while (events.hasMoreEvents()) {
                RecordedEvent event = events.readEvent();
                Instant at = event.getStartTime();
                if (!at.isBefore(from) && at.isBefore(to)) {
                    recording.add(event);
                }
            }
        }
        return recording.observation();
    }

    private void add(RecordedEvent event) {
        switch (event.getEventType().getName()) {
            case "jdk.ThreadAllocationStatistics" -> allocated(event);
            case "jdk.ObjectAllocationInNewTLAB", "jdk.ObjectAllocationOutsideTLAB" ->
                offence(
                        event,
                        true,
                        "allocates " + event.getClass("objectClass").getName());
            case "jdk.Deoptimization" -> {
                if (!offence(event, false, "is deoptimised: " + event.getString("reason"))) {
                    otherDeoptimisations++;
                }
            }
            case "jdk.Compilation" -> compilations++;
            case "jdk.GarbageCollection" -> collections++;
            case "jdk.SafepointBegin" -> safepoints++;
            default -> {}
        }
    }

    private void allocated(RecordedEvent event) {
        RecordedThread thread = event.getThread("thread");
        if (thread != null) {
            long now = event.getLong("allocated");
            allocated.merge(
                    thread.getId(),
                    new Allocated(name(thread), now, 0),
                    (first, ignored) -> new Allocated(first.thread(), first.before(), now - first.before()));
        }
    }

    /** Notes it if it is a worker's; else returns false. */
    private boolean offence(RecordedEvent event, boolean isAllocation, String what) {
        String thread = name(event.getThread());
        if (!thread.startsWith(WORKER)) {
            return false;
        }
        Times times = offences.computeIfAbsent(
                new Place(isAllocation, what, stack(event.getStackTrace())), ignored -> new Times());
        times.threads.add(thread);
        times.count++;
        return true;
    }

    private static String name(@Nullable RecordedThread thread) {
        if (thread == null) {
            return "?";
        }
        return thread.getJavaName() != null ? thread.getJavaName() : String.valueOf(thread.getOSName());
    }

    private static List<String> stack(@Nullable RecordedStackTrace trace) {
        return trace == null
                ? List.of()
                : trace.getFrames().stream().limit(FRAMES).map(Recording::frame).toList();
    }

    private static String frame(RecordedFrame frame) {
        RecordedMethod method = frame.getMethod();
        return "%s.%s(%d)".formatted(method.getType().getName(), method.getName(), frame.getLineNumber());
    }

    private Observation observation() {
        List<Offence> found = new ArrayList<>();
        offences.forEach((place, times) -> found.add(new Offence(
                place.isAllocation(), place.what(), List.copyOf(times.threads), times.count, place.stack())));
        Map<String, Long> workers = new TreeMap<>();
        Map<String, Long> others = new TreeMap<>();
        for (Allocated one : allocated.values()) {
            if (one.thread().startsWith(WORKER)) {
                workers.merge(one.thread(), one.bytes(), Long::sum);
            } else if (one.bytes() > 0) {
                others.merge(one.thread(), one.bytes(), Long::sum);
            }
        }
        return new Observation(found, workers, others, otherDeoptimisations, compilations, collections, safepoints);
    }
}
