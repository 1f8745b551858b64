package io.ringfence.scheduler;

import io.ringfence.scheduler.linux.Proc;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The JVM's own threads that compile. */
public final class CompilerThreads {
    /** Their names, as the kernel has them, cut to 15 characters. */
    public static final Set<String> NAMES = Set.of("C1 CompilerThre", "C2 CompilerThre");

    private final List<Integer> threadIds = Proc.threads().stream()
            .filter(threadId ->
                    Proc.status(threadId, "Name").filter(NAMES::contains).isPresent())
            .toList();

    /** For how long they have run or waited for a CPU so far; 0 if the kernel does not count that. Any thread. */
    public long wantedNanos() {
        return threadIds.stream()
                .map(ThreadStatistics::read)
                .flatMap(Optional::stream)
                .mapToLong(statistics -> statistics.cpuNanos() + statistics.waitNanos())
                .sum();
    }

    /** How many there are. */
    int count() {
        return threadIds.size();
    }
}
