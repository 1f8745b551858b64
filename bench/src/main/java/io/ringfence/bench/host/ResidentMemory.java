package io.ringfence.bench.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Memory of a process that is in RAM, by what it is ({@code /proc/PID/smaps}), in bytes.
 *
 * @param guests shared by front-ends
 * @param javaHeap of ZGC, which keeps it in a file of its own
 * @param other everything else: code, stacks, what Java allocates outside its heap
 */
public record ResidentMemory(long guests, long javaHeap, long other) {
    private static final String GUEST = "memfd:ringfence-guest";
    private static final String JAVA_HEAP = "memfd:java_heap";

    /**
     * That of a process.
     *
     * @throws UncheckedIOException if there is no such process, or it may not be read
     */
    public static ResidentMemory of(long pid) {
        try {
            return parse(Files.readAllLines(Path.of("/proc", Long.toString(pid), "smaps")));
        } catch (IOException e) {
            throw new UncheckedIOException("memory of process " + pid + " cannot be read", e);
        }
    }

    static ResidentMemory parse(List<String> lines) {
        long guests = 0;
        long javaHeap = 0;
        long other = 0;
        String mapping = "";
        for (String line : lines) {
            if (line.startsWith("Rss:")) {
                long bytes = Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
                if (mapping.contains(GUEST)) {
                    guests += bytes;
                } else if (mapping.contains(JAVA_HEAP)) {
                    javaHeap += bytes;
                } else {
                    other += bytes;
                }
            } else if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                mapping = line;
            }
        }
        return new ResidentMemory(guests, javaHeap, other);
    }
}
