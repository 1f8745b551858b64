package io.ringfence.scheduler.linux;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The reservations that the kernel keeps for itself on every CPU, so that ordinary threads are not starved: the fair server
 * and, on later kernels, one for sched_ext. They count in admission.
 */
public final class DeadlineServers {
    /** A server's reservation on one CPU; a runtime of 0 means that it is switched off. */
    public record Server(String name, long runtimeNanos, long periodNanos) {
        /** The share of the CPU. */
        public double share() {
            return (double) runtimeNanos / Math.max(1, periodNanos);
        }
    }

    private static final String DEBUG = "/sys/kernel/debug/sched";
    private static final String RELEASE = "/proc/sys/kernel/osrelease";
    private static final String FAIR_SERVER = "fair_server";
    private static final List<String> NAMES = List.of(FAIR_SERVER, "ext_server");

    /** {@code fair_server_init()}: 50 ms in every second, since Linux 6.12. */
    private static final Server DEFAULT_FAIR_SERVER = new Server(FAIR_SERVER, 50_000_000, 1_000_000_000);

    private final Function<String, Optional<String>> files;

    /**
     * Those of a host.
     *
     * @param files the text of a file of that host, by its path; empty if it is not there or cannot be read
     */
    public DeadlineServers(Function<String, Optional<String>> files) {
        this.files = files;
    }

    /** The folder in debugfs that shows a server. */
    public static String folder(String server, int cpu) {
        return DEBUG + "/" + server + "/cpu" + cpu;
    }

    /** The servers of a CPU; empty if the kernel does not show them, because debugfs is not mounted or not readable. */
    public Optional<List<Server>> of(int cpu) {
        // Without debugfs nothing is known; with it, a server that is not there does not exist on this kernel.
        if (files.apply(DEBUG + "/features").isEmpty()) {
            return Optional.empty();
        }
        List<Server> servers = new ArrayList<>();
        for (String name : NAMES) {
            Optional<String> runtime = files.apply(folder(name, cpu) + "/runtime");
            Optional<String> period = files.apply(folder(name, cpu) + "/period");
            if (runtime.isPresent() || period.isPresent()) {
                try {
                    servers.add(new Server(name, number(runtime), number(period)));
                } catch (NumberFormatException unreadable) {
                    return Optional.empty();
                }
            }
        }
        return Optional.of(servers);
    }

    /** What a kernel of this version has unless somebody changed it. */
    public List<Server> defaults() {
        return files.apply(RELEASE)
                        .flatMap(KernelVersion::parse)
                        .filter(version -> version.isBefore(6, 12))
                        .isPresent()
                ? List.of()
                : List.of(DEFAULT_FAIR_SERVER);
    }

    private static long number(Optional<String> text) {
        return Long.parseLong(text.orElse("").strip());
    }
}
