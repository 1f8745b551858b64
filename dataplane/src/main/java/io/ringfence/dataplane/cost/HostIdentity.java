package io.ringfence.dataplane.cost;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What measured costs hold for: where any of it differs, they do not.
 *
 * @param cpuModel as the kernel names the processor
 * @param kernelRelease as {@code uname -r} says
 * @param jvm name and version of the Java virtual machine
 * @param jvmOptions those that decide how code is compiled and memory collected, sorted
 * @param ringfenceVersion whose packet path it is
 */
public record HostIdentity(
        String cpuModel, String kernelRelease, String jvm, List<String> jvmOptions, String ringfenceVersion) {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
    private static final String QUIET = "-XX:CompileCommand=quiet";
    private static final String WHEN_COMPILED = "-XX:CompileCommand=CompileThresholdScaling,";

    public HostIdentity {
        Objects.requireNonNull(cpuModel, "cpuModel");
        Objects.requireNonNull(kernelRelease, "kernelRelease");
        Objects.requireNonNull(jvm, "jvm");
        Objects.requireNonNull(ringfenceVersion, "ringfenceVersion");
        jvmOptions = List.copyOf(jvmOptions);
    }

    /** That of this process on this host. */
    public static HostIdentity current() {
        return new HostIdentity(
                cpuModelOfThisHost(),
                System.getProperty("os.version"),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
                options(ManagementFactory.getRuntimeMXBean().getInputArguments()),
                Objects.requireNonNullElse(
                        HostIdentity.class.getPackage().getImplementationVersion(), "(not packaged)"));
    }

    private static String cpuModelOfThisHost() {
        String unknown = "(unknown " + System.getProperty("os.arch") + ")";
        try (var lines = Files.lines(CPU_INFO)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(unknown);
        } catch (IOException absent) {
            return unknown;
        }
    }

    /**
     * Of all options those that matter: system properties, opened packages, logs and the heap's size change no cost, nor does it when
     * code is compiled, which {@code run.options} decides.
     */
    static List<String> options(List<String> all) {
        return all.stream()
                .filter(option -> !option.equals(QUIET) && !option.startsWith(WHEN_COMPILED))
                .filter(option -> option.startsWith("-XX:")
                        || option.startsWith("-Xint")
                        || option.startsWith("-Xcomp")
                        || option.startsWith("-agent")
                        || option.startsWith("-javaagent"))
                .distinct()
                .sorted()
                .toList();
    }

    /** How another host differs from this one, each difference in words; empty if the costs hold there too. */
    List<String> differencesFrom(HostIdentity measured) {
        List<String> differences = new ArrayList<>();
        compare("the CPU", measured.cpuModel, cpuModel, differences);
        compare("the kernel", measured.kernelRelease, kernelRelease, differences);
        compare("the JVM", measured.jvm, jvm, differences);
        if (!jvmOptions.equals(measured.jvmOptions)) {
            differences.add("the JVM options (then and not now: %s; now and not then: %s)"
                    .formatted(without(measured.jvmOptions, jvmOptions), without(jvmOptions, measured.jvmOptions)));
        }
        compare("Ringfence", measured.ringfenceVersion, ringfenceVersion, differences);
        return differences;
    }

    private static void compare(String what, String then, String now, List<String> differences) {
        if (!then.equals(now)) {
            differences.add("%s (then %s, now %s)".formatted(what, then, now));
        }
    }

    private static String without(List<String> options, List<String> removed) {
        List<String> left = new ArrayList<>(options);
        left.removeAll(removed);
        return left.isEmpty() ? "none" : String.join(" ", left);
    }
}
