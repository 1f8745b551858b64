package io.ringfence.bench.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** CPU time that a hypervisor gave to others while a CPU of this host had work ({@code steal} of proc(5)). */
public final class StealTime {
    private static final Path FILE = Path.of("/proc/stat");
    private static final int STEAL_COLUMN = 8;
    /** USER_HZ is 100 on every architecture that Ringfence runs on. */
    private static final int MILLIS_PER_TICK = 10;

    private StealTime() {}

    /** Of all CPUs together, since the host was booted, in steps of 10 ms. */
    public static long readMillis() {
        try {
            return parse(Files.readAllLines(FILE));
        } catch (IOException e) {
            throw new UncheckedIOException(FILE + " cannot be read", e);
        }
    }

    static long parse(List<String> lines) {
        for (String line : lines) {
            String[] words = line.split(" +", -1);
            if (words[0].equals("cpu") && words.length > STEAL_COLUMN) {
                return Long.parseLong(words[STEAL_COLUMN]) * MILLIS_PER_TICK;
            }
        }
        return 0;
    }
}
