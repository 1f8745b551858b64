package io.ringfence.scheduler.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The reservations that the kernel keeps for itself on every CPU, so that ordinary threads are not starved: the fair server
 * and, on later kernels, one for sched_ext. They count in admission.
 */
public final class DeadlineServers {
    /** A server's reservation on one CPU; a runtime of 0 means that it is switched off. */
    public record Server(long runtimeNanos, long periodNanos) {}

    private static final Path DEBUG = Path.of("/sys/kernel/debug/sched");
    private static final List<String> NAMES = List.of("fair_server", "ext_server");

    /** {@code fair_server_init()}: 50 ms in every second, since Linux 6.12. */
    private static final Server DEFAULT_FAIR_SERVER = new Server(50_000_000, 1_000_000_000);

    private static final int FAIR_SERVER_SINCE = 6_012;
    private static final Pattern VERSION = Pattern.compile("([0-9]{1,3})\\.([0-9]{1,3}).*", Pattern.DOTALL);

    private DeadlineServers() {}

    /** The servers of a CPU; empty if the kernel does not show them, because debugfs is not mounted or not readable. */
    public static Optional<List<Server>> of(int cpu) {
        return of(cpu, DEBUG);
    }

    static Optional<List<Server>> of(int cpu, Path debug) {
        // Without debugfs nothing is known; with it, a server that is not there does not exist on this kernel.
        if (!Files.isReadable(debug.resolve("features"))) {
            return Optional.empty();
        }
        List<Server> servers = new ArrayList<>();
        for (String name : NAMES) {
            Path folder = debug.resolve(name).resolve("cpu" + cpu);
            if (Files.exists(folder)) {
                try {
                    servers.add(new Server(number(folder.resolve("runtime")), number(folder.resolve("period"))));
                } catch (IOException | NumberFormatException unreadable) {
                    return Optional.empty();
                }
            }
        }
        return Optional.of(servers);
    }

    /** What a kernel of this version has unless somebody changed it. */
    public static List<Server> defaults() {
        try {
            return defaults(Files.readString(Path.of("/proc/sys/kernel/osrelease")));
        } catch (IOException unreadable) {
            return List.of(DEFAULT_FAIR_SERVER);
        }
    }

    static List<Server> defaults(String release) {
        Matcher version = VERSION.matcher(release);
        boolean older = version.matches()
                && Integer.parseInt(version.group(1)) * 1_000 + Integer.parseInt(version.group(2)) < FAIR_SERVER_SINCE;
        return older ? List.of() : List.of(DEFAULT_FAIR_SERVER);
    }

    private static long number(Path file) throws IOException {
        return Long.parseLong(Files.readString(file).strip());
    }
}
