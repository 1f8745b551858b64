package io.ringfence.dataplane.doctor;

import static io.ringfence.dataplane.doctor.Symptom.removed;
import static io.ringfence.dataplane.doctor.Symptom.written;

import io.ringfence.dataplane.doctor.Finding.Level;
import java.util.stream.Stream;

/** What the doctor finds when CPUs are missing, sleep, share cores or serve interrupts. */
final class CpuSymptoms {
    private static final String CPU = "/sys/devices/system/cpu/cpu";
    private static final String STATUS = "/proc/self/status";
    private static final String ON_DATAPLANE_CPUS = "CapEff:\t000001ffffffffff\nCpus_allowed_list:\t2-3\n";
    private static final String ONLINE = "/sys/devices/system/cpu/online";

    private CpuSymptoms() {}

    static Stream<Symptom> all() {
        return Stream.of(
                written(Level.ERROR, "CPUs", "CPU 3 of host.cpus not online", "cpu3/online", ONLINE, "0-2"),
                written(Level.ERROR, "CPUs", "no CPU is left", "one more CPU", ONLINE, "2-3"),
                written(
                        Level.WARNING,
                        "CPUs",
                        "started on none of 0-1: housekeeping has all others of its cpuset, 0-1",
                        "CPUAffinity=",
                        STATUS,
                        ON_DATAPLANE_CPUS),
                new Symptom("CPUs", Level.ERROR, "the cpuset of this process has none of 0-1", "AllowedCPUs=", host -> {
                    host.write(STATUS, ON_DATAPLANE_CPUS);
                    host.write("/proc/self/cgroup", "4:cpuset:/narrow/below\n");
                    host.write("/sys/fs/cgroup/cpuset/narrow/cpuset.effective_cpus", "2-3\n");
                }),
                new Symptom("CPUs", Level.WARNING, "others of its cpuset, 1", "CPUAffinity=", host -> {
                    host.write(STATUS, ON_DATAPLANE_CPUS);
                    host.write("/proc/self/mountinfo", RecordedHost.VERSION_2);
                    host.write("/proc/self/cgroup", "0::/system.slice/ringfence.service\n");
                    host.write("/sys/fs/cgroup/system.slice/cpuset.cpus.effective", "1-3\n");
                }),
                written(
                        Level.OK,
                        "CPUs",
                        "housekeeping 1",
                        "",
                        STATUS,
                        "CapEff:\t000001ffffffffff\nCpus_allowed_list:\t1-2\n"),
                written(
                        Level.WARNING,
                        "governor",
                        "powersave on CPU 3",
                        "for c in 3; do echo performance >",
                        CPU + "3/cpufreq/scaling_governor",
                        "powersave"),
                written(Level.OK, "governor", "performance", "", CPU + "0/cpufreq/scaling_governor", "powersave"),
                new Symptom("governor", Level.OK, "not controlled here", "", host -> {
                    for (int cpu = 0; cpu < 4; cpu++) {
                        host.remove(CPU + cpu + "/cpufreq");
                    }
                }),
                removed(
                        Level.WARNING,
                        "idle",
                        "CPU 3 without an idle driver",
                        "modprobe cpuidle-haltpoll",
                        CPU + "3/cpuidle/state0/name"),
                removed(
                        Level.WARNING,
                        "idle",
                        "cannot keep CPU 2 awake",
                        "host.idle: sleep",
                        CPU + "2/power/pm_qos_resume_latency_us"),
                removed(Level.OK, "idle", "stay awake", "", CPU + "0/cpuidle/state0/name"),
                written(
                        Level.WARNING,
                        "SMT",
                        "CPU 1 share cores with dataplane CPUs",
                        "for c in 1; do echo 0 >",
                        CPU + "2/topology/thread_siblings_list",
                        "1-2"),
                new Symptom(
                        "SMT",
                        Level.WARNING,
                        "CPUs 2, 3 share cores among each other",
                        "one CPU of each core",
                        host -> {
                            host.write(CPU + "2/topology/thread_siblings_list", "2-3");
                            host.write(CPU + "3/topology/thread_siblings_list", "2-3");
                        }),
                written(
                        Level.WARNING,
                        "interrupts",
                        "1 on the dataplane CPUs, whose time is charged to nobody: 7 (eth0)",
                        "for i in 7; do echo 0-1 > /proc/irq/$i/smp_affinity_list; done",
                        "/proc/irq/7/effective_affinity_list",
                        "2"),
                removed(Level.WARNING, "interrupts", "7 (eth0)", "for i in 7", "/proc/irq/7/effective_affinity_list"));
    }
}
