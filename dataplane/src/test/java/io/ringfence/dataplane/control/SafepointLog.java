package io.ringfence.dataplane.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** What a JVM writes with {@code -Xlog:safepoint}: how long it took until all threads had stopped. */
record SafepointLog(Path file) {
    private static final Pattern REACHING = Pattern.compile("Reaching safepoint: (\\d+) ns");

    /** The option that has a JVM write the file. */
    String option() {
        return "-Xlog:safepoint:file=" + file + ":uptime:filecount=0";
    }

    /** Safepoints so far. */
    int count() throws IOException {
        return timesNanos(0).size();
    }

    /** Times to safepoint, but for the first so many, in ascending order. */
    List<Long> timesNanos(int skipped) throws IOException {
        return REACHING.matcher(Files.readString(file))
                .results()
                .skip(skipped)
                .map(found -> Long.valueOf(found.group(1)))
                .sorted()
                .toList();
    }
}
