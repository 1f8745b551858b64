package io.ringfence.dataplane.doctor;

import java.lang.management.ManagementFactory;
import java.util.List;

/**
 * A JVM.
 *
 * @param feature release, such as 25
 * @param architecture as in {@code os.arch}
 * @param arguments that it was started with, those of argument files included
 */
public record Jvm(int feature, String architecture, List<String> arguments) {
    /** The one that this runs on. */
    public static Jvm current() {
        return new Jvm(
                Integer.parseInt(System.getProperty("java.specification.version", "0")),
                System.getProperty("os.arch", ""),
                ManagementFactory.getRuntimeMXBean().getInputArguments());
    }
}
