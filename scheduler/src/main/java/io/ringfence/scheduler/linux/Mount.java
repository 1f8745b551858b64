package io.ringfence.scheduler.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A mounted file system, as a line of {@code /proc/self/mountinfo} tells (proc(5)).
 *
 * @param point where it is mounted
 * @param type such as {@code cgroup2}
 * @param options of the file system, such as the controllers of a version 1 hierarchy
 */
public record Mount(Path point, String type, List<String> options) {

    /** Reads all mounts from a file in the format of {@code /proc/self/mountinfo}, in its order. */
    public static List<Mount> read(Path mountInfo) throws IOException {
        return Files.readAllLines(mountInfo).stream().map(Mount::parse).toList();
    }

    private static Mount parse(String line) {
        String[] fields = line.split(" ", -1);
        int separator = List.of(fields).indexOf("-");
        return new Mount(
                Path.of(fields[4].replace("\\040", " ")),
                fields[separator + 1],
                List.of(fields[separator + 3].split(",", -1)));
    }

    /** Whether this is the version 1 hierarchy of a controller. */
    public boolean holds(String controller) {
        return type.equals("cgroup") && options.contains(controller);
    }
}
