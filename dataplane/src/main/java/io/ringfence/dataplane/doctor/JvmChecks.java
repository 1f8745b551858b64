package io.ringfence.dataplane.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The JVM and its options, which the launcher takes from {@code jvm.options}. */
final class JvmChecks {
    private static final int NEEDED = 25;
    private static final String LAUNCHER = "start with the launcher ./ringfence, or: java @jvm.options ...";

    private JvmChecks() {}

    static Finding release(Host host) {
        Jvm jvm = host.jvm();
        String found = "Java " + jvm.feature() + " on " + jvm.architecture();
        if (jvm.feature() < NEEDED) {
            return Finding.error(found + "; Ringfence needs " + NEEDED, "install a JDK " + NEEDED);
        }
        if (!Set.of("amd64", "x86_64").contains(jvm.architecture())) {
            return Finding.error(found + "; the native event loop is built for 64-bit x86", "use such a host");
        }
        return Finding.ok(found);
    }

    static Finding options(Host host) {
        List<String> given = host.jvm().arguments();
        List<String> missing = new ArrayList<>();
        if (!given.contains("-XX:+UseZGC")) {
            return Finding.error(
                    "not the Z garbage collector: others stop all workers for milliseconds at a time", LAUNCHER);
        }
        for (String option : List.of("-XX:+AlwaysPreTouch", "-XX:-UsePerfData")) {
            if (!given.contains(option)) {
                missing.add(option);
            }
        }
        if (!value(given, "-Xms").equals(value(given, "-Xmx"))
                || value(given, "-Xmx").isEmpty()) {
            missing.add("-Xms and -Xmx of the same size");
        }
        if (given.stream().noneMatch(option -> option.startsWith("--enable-native-access"))) {
            missing.add("--enable-native-access");
        }
        return missing.isEmpty()
                ? Finding.ok("ZGC with a fixed heap of " + value(given, "-Xmx"))
                : Finding.warning("without " + String.join(", ", missing), LAUNCHER);
    }

    private static String value(List<String> given, String prefix) {
        return given.stream()
                .filter(option -> option.startsWith(prefix))
                .map(option -> option.substring(prefix.length()))
                .reduce("", (earlier, last) -> last);
    }
}
