package io.ringfence.scheduler.linux;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A mounted file system, as a line of {@code /proc/self/mountinfo} tells (proc(5)).
 *
 * @param point where it is mounted
 * @param readOnly whether nothing can be written there
 * @param type such as {@code cgroup2}
 * @param options of the file system, such as the controllers of a version 1 hierarchy
 */
public record Mount(Path point, boolean readOnly, String type, List<String> options) {
    private static final int POINT = 4;
    private static final int POINT_OPTIONS = 5;

    /** All mounts of a text in the format of {@code /proc/self/mountinfo}, in its order. */
    public static List<Mount> parse(String mountInfo) {
        return mountInfo.lines().flatMap(line -> parseLine(line).stream()).toList();
    }

    private static Optional<Mount> parseLine(String line) {
        List<String> fields = List.of(line.split(" ", -1));
        int separator = fields.indexOf("-");
        return separator <= POINT_OPTIONS || fields.size() < separator + 4
                ? Optional.empty()
                : Optional.of(new Mount(
                        Path.of(fields.get(POINT).replace("\\040", " ")),
                        list(fields.get(POINT_OPTIONS)).contains("ro"),
                        fields.get(separator + 1),
                        list(fields.get(separator + 3))));
    }

    private static List<String> list(String commaSeparated) {
        return List.of(commaSeparated.split(",", -1));
    }

    /** The hierarchy that has a controller, if any has: one of version 1 that holds it, else that of version 2. */
    public static Optional<Mount> ofController(String controller, List<Mount> mounts) {
        return mounts.stream()
                .filter(mount -> mount.holds(controller))
                .findFirst()
                .or(() -> mounts.stream()
                        .filter(mount -> mount.type.equals("cgroup2"))
                        .reduce((earlier, last) -> last));
    }

    /** Whether this is the version 1 hierarchy of a controller. */
    public boolean holds(String controller) {
        return type.equals("cgroup") && options.contains(controller);
    }
}
