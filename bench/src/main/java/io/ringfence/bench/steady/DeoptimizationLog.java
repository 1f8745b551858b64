package io.ringfence.bench.steady;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a JVM writes with {@code -Xlog:deoptimization=debug}: unlike a recording, it can be read while the JVM runs.
 *
 * @param file as the JVM writes it, with {@link #option}
 */
record DeoptimizationLog(Path file) {
    private static final Pattern LINE = Pattern.compile("\\[(\\d+)ms]\\[(\\d+)] *(.*)");
    /** Addresses, which differ each time. */
    private static final Pattern ADDRESSES = Pattern.compile(" (relative_)?pc=\\S+");

    /** One deoptimisation. */
    record Entry(Instant at, long threadId, String text) {}

    /** Has a JVM write it. */
    String option() {
        return "-Xlog:deoptimization=debug:file=" + file + ":timemillis,tid:filecount=0";
    }

    /** Those of these threads since then, in their order. */
    List<Entry> since(Instant from, Set<Long> threadIds) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.map(LINE::matcher)
                    .filter(Matcher::matches)
                    .map(line -> new Entry(
                            Instant.ofEpochMilli(Long.parseLong(line.group(1))),
                            Long.parseLong(line.group(2)),
                            ADDRESSES.matcher(line.group(3)).replaceAll("")))
                    .filter(entry -> !entry.at().isBefore(from) && threadIds.contains(entry.threadId()))
                    .toList();
        }
    }
}
