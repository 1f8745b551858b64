package io.ringfence.scheduler.linux;

import java.util.List;
import java.util.Optional;

/** The formats of a process's files below {@code /proc} (proc(5)), of whatever host; reads none. */
public final class ProcFormat {
    private static final int FIRST_FIELD = 3;
    private static final int LAST_CPU = 39;
    private static final int START_TICKS = 22;

    private ProcFormat() {}

    /** Start time in clock ticks since boot, field 22 of {@code stat}; empty if the process has ended. */
    public static Optional<Long> startTicks(String stat) {
        String[] fields = fields(stat);
        return fields[0].equals("Z") || fields[0].equals("X")
                ? Optional.empty()
                : field(fields, START_TICKS).map(Long::valueOf);
    }

    /** The CPU on which a thread runs or last ran, field 39 of {@code stat}. */
    static Optional<Integer> lastCpu(String stat) {
        return field(fields(stat), LAST_CPU).map(Integer::valueOf);
    }

    /** The fields from the third on: the second, a name in parentheses, may hold spaces. */
    private static String[] fields(String stat) {
        return stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
    }

    private static Optional<String> field(String[] fields, int number) {
        int at = number - FIRST_FIELD;
        return at < fields.length ? Optional.of(fields[at]) : Optional.empty();
    }

    /** The group that {@code cgroup} names: of a version 1 controller, or with an empty name of version 2. */
    public static Optional<String> cgroup(String text, String controller) {
        return text.lines()
                .map(line -> line.split(":", 3))
                .filter(parts ->
                        parts.length == 3 && List.of(parts[1].split(",", -1)).contains(controller))
                .map(parts -> parts[2])
                .findFirst();
    }
}
