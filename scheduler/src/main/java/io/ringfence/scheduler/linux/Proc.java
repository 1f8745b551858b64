package io.ringfence.scheduler.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** What /proc says about threads and about the kernel's scheduler settings. */
public final class Proc {
    private static final int CAP_SYS_NICE = 23;
    private static final Path KERNEL = Path.of("/proc/sys/kernel");

    private Proc() {}

    /** A line of {@code /proc/TID/status}, such as {@code Cpus_allowed_list}; empty if the thread is gone. */
    public static Optional<String> status(int threadId, String field) {
        try (var lines = Files.lines(Path.of("/proc/" + threadId + "/status"))) {
            return lines.filter(line -> line.startsWith(field + ":"))
                    .map(line -> line.substring(field.length() + 1).strip())
                    .findFirst();
        } catch (IOException | UncheckedIOException gone) {
            return Optional.empty();
        }
    }

    /** CPUs the thread may run on, as the kernel shows them; empty if the thread is gone. */
    public static BitSet allowedCpus(int threadId) {
        return status(threadId, "Cpus_allowed_list").map(CpuList::parse).orElseGet(BitSet::new);
    }

    /** Whether the calling process has CAP_SYS_NICE, which SCHED_DEADLINE always needs. */
    public static boolean hasNiceCapability() {
        return status((int) ProcessHandle.current().pid(), "CapEff")
                .map(mask -> (Long.parseUnsignedLong(mask, 16) >>> CAP_SYS_NICE & 1) != 0)
                .orElse(false);
    }

    /** Whether this process is in a user namespace of its own: its capabilities then count only in there. */
    public static boolean inUserNamespace() {
        try {
            // The first one maps all ids to themselves.
            return !Files.readString(Path.of("/proc/self/uid_map")).strip().matches("0\\s+0\\s+4294967295");
        } catch (IOException noNamespaces) {
            return false;
        }
    }

    /** Start time of a process in clock ticks since boot, field 22 of {@code /proc/PID/stat}; empty if it is gone. */
    public static Optional<Long> startTicks(long processId) {
        return read("/proc/" + processId + "/stat").flatMap(ProcFormat::startTicks);
    }

    /** The CPU on which the thread runs or last ran, field 39 of {@code /proc/TID/stat}; empty if it is gone. */
    public static Optional<Integer> lastCpu(int threadId) {
        return read("/proc/" + threadId + "/stat").flatMap(ProcFormat::lastCpu);
    }

    /** Every thread of this process. */
    public static List<Integer> threads() {
        List<Integer> threads = new ArrayList<>();
        try (var tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            tasks.forEach(task -> threads.add(Integer.valueOf(task.getFileName().toString())));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return threads;
    }

    /** The cgroup of a thread: of a version 1 controller, or with an empty name of version 2; empty if it is gone. */
    public static Optional<String> cgroup(int threadId, String controller) {
        return read("/proc/" + threadId + "/cgroup").flatMap(text -> ProcFormat.cgroup(text, controller));
    }

    /** The text of a file below {@code /proc} or {@code /sys}; empty if it is not there or cannot be read. */
    public static Optional<String> read(String path) {
        try {
            return Optional.of(Files.readString(Path.of(path)));
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    /** A number below {@code /proc/sys/kernel}; empty if this kernel has no such setting. */
    public static Optional<Long> kernelSetting(String name) {
        // One read(2) that takes it all: a second one, at an offset, gets nothing from a number under /proc/sys.
        try (var setting = Files.newInputStream(KERNEL.resolve(name))) {
            String text = new String(setting.readNBytes(64), StandardCharsets.US_ASCII);
            return Optional.of(Long.valueOf(text.strip()));
        } catch (IOException absent) {
            return Optional.empty();
        }
    }
}
