package io.ringfence.scheduler.linux;

import java.util.Optional;
import java.util.function.LongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The folder name of a partition, {@code ringfence.PID.STARTTICKS.cpuN}: it says who owns it, so that the next start can
 * tell a leftover from the partition of a living process. A pid alone may have been given to another process since.
 *
 * @param startTicks the owner's start in clock ticks since boot, field 22 of {@code /proc/PID/stat}
 */
public record PartitionName(long processId, long startTicks, int cpu) {
    /** The folder beside partitions that is none: what {@link CpusetV1} makes over the CPUs outside them. */
    public static final String HOUSEKEEPING = "ringfence.housekeeping";

    private static final Pattern FORM = Pattern.compile("ringfence\\.(\\d{1,18})\\.(\\d{1,18})\\.cpu(\\d{1,6})");

    /** The name for a partition of the calling process. */
    public static PartitionName ofThisProcess(int cpu) {
        long processId = ProcessHandle.current().pid();
        return new PartitionName(processId, Proc.startTicks(processId).orElseThrow(), cpu);
    }

    /** Parses a folder name; empty if it is not a partition's. */
    public static Optional<PartitionName> parse(String folder) {
        Matcher matcher = FORM.matcher(folder);
        return matcher.matches()
                ? Optional.of(new PartitionName(
                        Long.parseLong(matcher.group(1)),
                        Long.parseLong(matcher.group(2)),
                        Integer.parseInt(matcher.group(3))))
                : Optional.empty();
    }

    /**
     * Whether the process that made the partition still runs.
     *
     * @param startTicksOf the start of a process, by its id, on the partition's host; empty if there is no such process
     */
    public boolean ownerLives(LongFunction<Optional<Long>> startTicksOf) {
        return startTicksOf
                .apply(processId)
                .filter(ticks -> ticks == startTicks)
                .isPresent();
    }

    @Override
    public String toString() {
        return "ringfence." + processId + "." + startTicks + ".cpu" + cpu;
    }
}
