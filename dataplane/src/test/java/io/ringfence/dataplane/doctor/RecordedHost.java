package io.ringfence.dataplane.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The files of a host with four CPUs on which everything is as it should be, until a test changes some. */
final class RecordedHost {
    private static final String CPU = "/sys/devices/system/cpu/cpu";
    static final String VERSION_1 =
            "31 24 0:27 / /sys/fs/cgroup/cpuset rw,relatime shared:9 - cgroup cgroup rw,cpuset\n";
    static final String VERSION_2 = "31 24 0:27 / /sys/fs/cgroup rw,relatime shared:9 - cgroup2 cgroup2 rw\n";

    private final Path root;

    RecordedHost(Path root) throws IOException {
        this.root = root;
        write("/proc/sys/kernel/osrelease", "6.18.1\n");
        write("/proc/sys/kernel/sched_rt_runtime_us", "950000\n");
        write("/proc/sys/kernel/sched_rt_period_us", "1000000\n");
        write("/proc/self/status", "Name:\tjava\nCapEff:\t000001ffffffffff\nSeccomp:\t0\nCpus_allowed_list:\t0-3\n");
        write("/proc/self/uid_map", "         0          0 4294967295\n");
        write("/proc/self/cgroup", "4:cpuset:/\n0::/\n");
        write("/proc/self/mountinfo", "22 1 0:21 / /proc rw - proc proc rw\n" + VERSION_1);
        write(
                "/proc/meminfo",
                "HugePages_Total:      64\nHugePages_Free:       60\nHugePages_Rsvd:  10\nHugepagesize:  2048 kB\n");
        write("/proc/irq/7/smp_affinity_list", "0-3\n");
        write("/proc/irq/7/effective_affinity_list", "0\n");
        write("/proc/irq/7/eth0/none", "");
        write("/proc/irq/8/smp_affinity_list", "0-3\n"); // nobody handles it
        write("/sys/fs/cgroup/cpuset/release_agent", "\n");
        write("/sys/fs/cgroup/cpuset/cpuset.cpus", "0-3\n");
        write("/sys/fs/cgroup/cpuset/other/cpuset.cpus", "0-1\n");
        write("/sys/devices/system/cpu/online", "0-3\n");
        write("/sys/devices/system/cpu/cpu3/online", "1\n");
        write("/sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n");
        write("/sys/kernel/debug/sched/features", "GENTLE_FAIR_SLEEPERS HRTICK_DL NO_HRTICK\n");
        write("/sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
        write("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
        for (int cpu = 0; cpu < 4; cpu++) {
            write(CPU + cpu + "/cpufreq/scaling_governor", "performance\n");
            write(CPU + cpu + "/cpuidle/state0/name", "POLL\n");
            write(CPU + cpu + "/power/pm_qos_resume_latency_us", "0\n");
            write(CPU + cpu + "/topology/thread_siblings_list", cpu + "\n");
            write("/sys/kernel/debug/sched/fair_server/cpu" + cpu + "/runtime", "50000000\n");
            write("/sys/kernel/debug/sched/fair_server/cpu" + cpu + "/period", "1000000000\n");
        }
    }

    /** Writes a file of the host, with the folders above it. */
    void write(String path, String content) throws IOException {
        Path file = root.resolve(path.substring(1));
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    /** Has a process run that started so many clock ticks after the host. */
    void process(int id, long startTicks) throws IOException {
        write("/proc/" + id + "/stat", id + " (java) S" + " 0".repeat(18) + " " + startTicks + " 0 0\n");
    }

    /** Removes a file, or a folder with all in it. */
    void remove(String path) throws IOException {
        try (Stream<Path> tree = Files.walk(root.resolve(path.substring(1)))) {
            for (Path each : tree.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(each);
            }
        }
    }

    HostFiles files() {
        return new HostFiles(root);
    }

    /** Every file with its time and content, every folder with its time. */
    Map<String, String> state() throws IOException {
        Map<String, String> state = new TreeMap<>();
        try (Stream<Path> tree = Files.walk(root)) {
            for (Path each : tree.toList()) {
                String content = Files.isRegularFile(each) ? Files.readString(each) : "folder";
                state.put(each.toString(), Files.getLastModifiedTime(each) + " " + content);
            }
        }
        return state;
    }
}
