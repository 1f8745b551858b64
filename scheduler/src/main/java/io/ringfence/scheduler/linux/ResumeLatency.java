package io.ringfence.scheduler.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How long a CPU may take to wake from idle: the kernel's PM QoS constraint for one CPU (admin-guide/pm/cpuidle.rst, "Power
 * Management Quality of Service for CPUs"). With none at all the idle loop polls instead of entering a sleep state, if the
 * CPU has an idle driver; other CPUs can then wake it without an interrupt.
 *
 * <p>The file outlives the process that wrote it.
 */
public final class ResumeLatency {
    /** Of {@code pm_qos_resume_latency_us}: no latency is acceptable, whereas 0 means any. */
    private static final String NO_LATENCY = "n/a";

    private static final String ANY_LATENCY = "0";
    private static final Path CPUS = Path.of("/sys/devices/system/cpu");

    private ResumeLatency() {}

    /**
     * Forbids a CPU to sleep; returns what {@link #restore} needs.
     *
     * @throws IOException if the kernel has no such constraint, or this process may not write it
     */
    public static String forbidSleep(int cpu) throws IOException {
        String earlier = Files.readString(file(cpu)).strip();
        Files.writeString(file(cpu), NO_LATENCY);
        // Else what a killed process left would be taken for somebody's wish, and be kept for ever.
        return earlier.equals(NO_LATENCY) ? ANY_LATENCY : earlier;
    }

    /** Sets what {@link #forbidSleep} found. */
    public static void restore(int cpu, String earlier) throws IOException {
        Files.writeString(file(cpu), earlier);
    }

    /** Removes what a killed process left, if it did: where nothing was forbidden, nothing is written. */
    public static void reset(int cpu) throws IOException {
        if (Files.exists(file(cpu)) && Files.readString(file(cpu)).strip().equals(NO_LATENCY)) {
            Files.writeString(file(cpu), ANY_LATENCY);
        }
    }

    private static Path file(int cpu) {
        return CPUS.resolve("cpu" + cpu).resolve("power/pm_qos_resume_latency_us");
    }
}
