package io.ringfence.dataplane.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.config.CpuIdle;
import io.ringfence.config.SchedulingRung;
import io.ringfence.dataplane.doctor.Finding.Level;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every finding, provoked by one change of a recorded host. */
class DoctorTest {
    private static final Jvm JVM = new Jvm(
            25,
            "amd64",
            List.of(
                    "-XX:+UseZGC",
                    "-Xms256m",
                    "-Xmx256m",
                    "-XX:+AlwaysPreTouch",
                    "-XX:-UsePerfData",
                    "--enable-native-access=ALL-UNNAMED"));
    private static final String CPU = "/sys/devices/system/cpu/cpu";
    private static final String ONLINE = "/sys/devices/system/cpu/online";
    private static final String STATUS = "/proc/self/status";

    @TempDir
    private Path root;

    private RecordedHost recorded;

    @BeforeEach
    void record() throws IOException {
        recorded = new RecordedHost(root);
    }

    private Host host(SchedulingRung lowest) {
        BitSet cpus = new BitSet();
        cpus.set(2, 4);
        return new Host(recorded.files(), JVM, cpus, lowest, CpuIdle.POLL, true);
    }

    private static Finding find(List<Finding> findings, String subject) {
        return findings.stream()
                .filter(finding -> finding.subject().equals(subject))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no finding about " + subject));
    }

    @Test
    void shouldFindNothingWrongWithAHostThatIsAsItShouldBe() {
        List<Finding> findings = Doctor.examine(host(SchedulingRung.DEADLINE));

        assertThat(findings).extracting(Finding::level).containsOnly(Level.OK);
        assertThat(findings).extracting(Finding::subject).doesNotHaveDuplicates();
        assertThat(findings).allSatisfy(finding -> {
            assertThat(finding.text()).isNotEmpty().doesNotContain("\n");
            assertThat(finding.remedy()).isEmpty();
        });
        assertThat(find(findings, "hugepages").text()).isEqualTo("50 of 64 free, 2048 kB each");
        assertThat(find(findings, "fair server").text()).isEqualTo("takes 0.050 of CPU 3");
        assertThat(find(findings, "CPUs").text()).isEqualTo("dataplane 2-3, housekeeping 0-1");
    }

    /** What is changed on the recorded host. */
    interface Change {
        void of(RecordedHost host) throws IOException;
    }

    /**
     * A change and what is to be found then.
     *
     * @param remedy a part of it
     */
    record Case(String subject, Level level, String text, String remedy, Change change) {
        @Override
        public String toString() {
            return subject + ": " + text;
        }
    }

    private static Case written(Level level, String subject, String text, String remedy, String path, String content) {
        return new Case(subject, level, text, remedy, host -> host.write(path, content));
    }

    private static Case removed(Level level, String subject, String text, String remedy, String path) {
        return new Case(subject, level, text, remedy, host -> host.remove(path));
    }

    private static String mounts(String line) {
        return "22 1 0:21 / /proc rw - proc proc rw\n" + line;
    }

    @ParameterizedTest
    @MethodSource({"kernel", "rights", "cpusets", "cpus", "memory"})
    void shouldNameTheFindingAndItsRemedyWhenTheHostIsChanged(Case found) throws IOException {
        found.change().of(recorded);
        Map<String, String> before = recorded.state();

        List<Finding> findings = Doctor.examine(host(SchedulingRung.DEADLINE));

        Finding finding = find(findings, found.subject());
        assertThat(finding.level()).as(finding.text()).isEqualTo(found.level());
        assertThat(finding.text()).contains(found.text());
        assertThat(finding.remedy()).contains(found.remedy());
        assertThat(finding.remedy().isEmpty()).isEqualTo(found.level() == Level.OK);
        assertThat(recorded.state()).as("the host afterwards").isEqualTo(before);
    }

    static Stream<Case> kernel() {
        String rt = "/proc/sys/kernel/sched_rt_runtime_us";
        String debug = "/sys/kernel/debug";
        String release = "/proc/sys/kernel/osrelease";
        return Stream.of(
                written(Level.ERROR, "kernel", "3.13.0 has no SCHED_DEADLINE", "install", release, "3.13.0"),
                written(Level.WARNING, "kernel", "4.19.0-5 is older", "install", release, "4.19.0-5"),
                written(Level.ERROR, "rt runtime", "is 0", "sysctl -w kernel.sched_rt_runtime_us=950000", rt, "0"),
                written(Level.WARNING, "rt runtime", "guarantees nothing", "=950000", rt, "-1\n"),
                written(Level.WARNING, "rt runtime", "0.300 of a CPU only", "=950000", rt, "300000"),
                written(Level.OK, "rt runtime", "0.800 of a CPU", "", rt, "800000"),
                removed(Level.WARNING, "rt runtime", "cannot be read", "CONFIG_SYSCTL", rt),
                removed(Level.OK, "fair server", "this kernel has none", "", debug + "/sched/fair_server"),
                new Case("fair server", Level.OK, "this kernel has none", "", host -> {
                    host.remove(debug);
                    host.write(release, "6.11.9");
                }),
                new Case(
                        "fair server",
                        Level.OK,
                        "takes 0.070 of CPU 2 (fair_server 0.050, ext_server 0.020)",
                        "",
                        host -> extServer(host, 2, "20000000")),
                new Case(
                        "fair server",
                        Level.WARNING,
                        "takes 0.250 of CPU 2 (fair_server 0.050, ext_server 0.200), which no reservation can have",
                        "echo 50000000 > /sys/kernel/debug/sched/ext_server/cpu2/runtime",
                        host -> extServer(host, 2, "200000000")),
                removed(Level.OK, "fair server", "0.05 of each CPU by default", "", debug),
                written(
                        Level.WARNING,
                        "fair server",
                        "takes 0.250 of CPU 2",
                        "echo 50000000 > /sys/kernel/debug/sched/fair_server/cpu2/runtime",
                        debug + "/sched/fair_server/cpu2/runtime",
                        "250000000"),
                new Case("fair server", Level.OK, "switched off", "", host -> {
                    host.write(debug + "/sched/fair_server/cpu2/runtime", "0");
                    host.write(debug + "/sched/fair_server/cpu3/runtime", "0");
                }),
                removed(Level.WARNING, "HRTICK_DL", "off by default", "mount -t debugfs", debug),
                written(
                        Level.WARNING,
                        "HRTICK_DL",
                        "at the next tick only",
                        "echo HRTICK_DL > /sys/kernel/debug/sched/features",
                        debug + "/sched/features",
                        "NO_HRTICK NO_HRTICK_DL"),
                written(Level.WARNING, "HRTICK_DL", "tick only", "kernel that has it", debug + "/sched/features", "X"),
                written(
                        Level.WARNING,
                        "lockdown",
                        "locked down",
                        "lockdown=",
                        "/sys/kernel/security/lockdown",
                        "none [integrity] confidentiality"),
                removed(Level.OK, "lockdown", "has none", "", "/sys/kernel/security/lockdown"),
                written(
                        Level.WARNING,
                        "clock",
                        "clocksource hpet",
                        "echo tsc >",
                        "/sys/devices/system/clocksource/clocksource0/current_clocksource",
                        "hpet"));
    }

    private static void extServer(RecordedHost host, int cpu, String runtimeNanos) throws IOException {
        String folder = "/sys/kernel/debug/sched/ext_server/cpu" + cpu;
        host.write(folder + "/runtime", runtimeNanos);
        host.write(folder + "/period", "1000000000");
    }

    static Stream<Case> rights() {
        return Stream.of(
                written(
                        Level.ERROR,
                        "capabilities",
                        "CAP_SYS_NICE is missing",
                        "sudo",
                        STATUS,
                        "CapEff:\t00000000a80425fb"),
                written(Level.ERROR, "capabilities", "CAP_SYS_NICE is missing", "sudo", STATUS, ""),
                written(
                        Level.ERROR,
                        "capabilities",
                        "not the rights to make partitions",
                        "Delegate=yes",
                        STATUS,
                        "CapEff:\t0000000000800000"),
                written(
                        Level.ERROR,
                        "capabilities",
                        "inside a user namespace only",
                        "outside the rootless container",
                        "/proc/self/uid_map",
                        "         0       1000          1\n"),
                written(
                        Level.WARNING,
                        "seccomp",
                        "a filter is in force",
                        "sched_setattr",
                        STATUS,
                        "CapEff:\t000001ffffffffff\nSeccomp:\t2\n"));
    }

    static Stream<Case> cpusets() {
        String mountInfo = "/proc/self/mountinfo";
        String cpusets = "/sys/fs/cgroup/cpuset";
        return Stream.of(
                written(Level.ERROR, "cpusets", "no cgroup file system", "mount -t cgroup2", mountInfo, mounts("")),
                written(
                        Level.ERROR,
                        "cpusets",
                        "version 1 at /sys/fs/cgroup/cpuset is read-only",
                        "on the host",
                        mountInfo,
                        mounts(RecordedHost.VERSION_1.replace(" rw,relatime", " ro,relatime"))),
                removed(Level.ERROR, "cpusets", "not the host's root", "on the host", cpusets + "/release_agent"),
                written(
                        Level.ERROR,
                        "cpusets",
                        "no cpuset controller",
                        "CONFIG_CPUSETS",
                        mountInfo,
                        mounts(RecordedHost.VERSION_2)),
                new Case("cpusets", Level.OK, "version 2 at /sys/fs/cgroup, own group /a.slice", "", host -> {
                    host.write(mountInfo, mounts(RecordedHost.VERSION_2));
                    host.write("/sys/fs/cgroup/cgroup.controllers", "cpu cpuset memory");
                    host.write("/proc/self/cgroup", "0::/a.slice\n");
                }),
                new Case("cpusets", Level.ERROR, "before Linux 6.7", "cgroup.procs", host -> {
                    host.write(mountInfo, mounts(RecordedHost.VERSION_2));
                    host.write("/sys/fs/cgroup/cgroup.controllers", "cpu cpuset memory");
                    host.write("/proc/self/cgroup", "0::/a.slice\n");
                    host.write("/proc/sys/kernel/osrelease", "6.6.10");
                }),
                written(
                        Level.ERROR,
                        "cpuset owners",
                        "/sys/fs/cgroup/cpuset/other has CPU 2",
                        "host.cpus",
                        cpusets + "/other/cpuset.cpus",
                        "0-2\n"),
                written(
                        Level.OK,
                        "cpuset owners",
                        "no other",
                        "",
                        cpusets + "/ringfence.housekeeping/cpuset.cpus",
                        "0-3"),
                new Case("cpuset owners", Level.ERROR, "vms.slice has CPUs 2, 3", "out of that cpuset", host -> {
                    host.write(mountInfo, mounts(RecordedHost.VERSION_2));
                    host.write("/sys/fs/cgroup/vms.slice/cpuset.cpus.exclusive", "2-3");
                }),
                new Case("cpuset owners", Level.ERROR, "vms.slice/a.scope has CPU 3", "out of that cpuset", host -> {
                    service(host);
                    exclusive(host, "/vms.slice", "3");
                    exclusive(host, "/vms.slice/a.scope", "3");
                }),
                new Case("cpuset owners", Level.ERROR, "other.service has CPU 3", "out of that cpuset", host -> {
                    service(host);
                    exclusive(host, "/system.slice", "2-3");
                    exclusive(host, "/system.slice/other.service", "3");
                }),
                new Case("cpuset owners", Level.OK, "no other cpuset", "", host -> {
                    service(host);
                    exclusive(host, "/system.slice", "2-3");
                    exclusive(host, "/system.slice/ringfence.service", "2-3");
                }),
                new Case("cpuset owners", Level.ERROR, "process 77, has CPUs 2, 3", "end it", host -> {
                    otherService(host);
                    host.process(77, 1234);
                }),
                new Case("cpuset owners", Level.OK, "none but a dead Ringfence", "", DoctorTest::otherService),
                new Case(
                        "leftovers",
                        Level.WARNING,
                        "ringfence.77.1234.cpu2 ringfence.77.1234.cpu3",
                        "ringfence run",
                        DoctorTest::otherService),
                new Case("cpuset owners", Level.ERROR, "/vms has CPU 2", "host.cpus", host -> {
                    host.write(cpusets + "/ringfence.77.1234.cpu3/cpuset.cpus", "3");
                    host.write(cpusets + "/vms/cpuset.cpus", "2");
                }),
                new Case("cpuset owners", Level.ERROR, "process 77, has CPU 3", "end it", host -> {
                    host.write(cpusets + "/ringfence.77.1234.cpu3/cpuset.cpus", "3");
                    host.process(77, 1234);
                }),
                new Case("cpuset owners", Level.ERROR, "process 77, has CPU 3", "end it", host -> {
                    host.write(cpusets + "/ringfence.77.1234.cpu3/tasks", "4711\n");
                }),
                new Case("cpuset owners", Level.OK, "none but a dead Ringfence", "", host -> {
                    host.write(cpusets + "/ringfence.77.1234.cpu3/cpuset.cpus", "3");
                    host.process(77, 999_999);
                }),
                new Case("leftovers", Level.WARNING, "ringfence.77.1234.cpu3", "ringfence run", host -> {
                    host.write(cpusets + "/ringfence.77.1234.cpu3/cpuset.cpus", "3");
                    host.process(77, 999_999);
                }),
                written(
                        Level.WARNING,
                        "leftovers",
                        "ringfence.77.1234.cpu3",
                        "ringfence run",
                        cpusets + "/ringfence.77.1234.cpu3/cpuset.cpus",
                        "3"));
    }

    /** The doctor looks with the eyes of a service of systemd, on a host with version 2. */
    private static void service(RecordedHost host) throws IOException {
        host.write("/proc/self/mountinfo", mounts(RecordedHost.VERSION_2));
        host.write("/proc/self/cgroup", "0::/system.slice/ringfence.service\n");
    }

    private static void exclusive(RecordedHost host, String group, String cpus) throws IOException {
        host.write("/sys/fs/cgroup" + group + "/cpuset.cpus.exclusive", cpus + "\n");
    }

    /** What process 77, a service, has made for itself; whether it lives is left open. */
    private static void otherService(RecordedHost host) throws IOException {
        host.write("/proc/self/mountinfo", mounts(RecordedHost.VERSION_2));
        String service = "/system.slice/ringfence.service";
        exclusive(host, "/system.slice", "2-3");
        exclusive(host, service, "2-3");
        exclusive(host, service + "/ringfence.77.1234.cpu2", "2");
        exclusive(host, service + "/ringfence.77.1234.cpu3", "3");
    }

    static Stream<Case> cpus() {
        return Stream.of(
                written(Level.ERROR, "CPUs", "CPU 3 of host.cpus not online", "cpu3/online", ONLINE, "0-2"),
                written(Level.ERROR, "CPUs", "no CPU is left", "one more CPU", ONLINE, "2-3"),
                written(
                        Level.WARNING,
                        "governor",
                        "powersave on CPU 3",
                        "for c in 3; do echo performance >",
                        CPU + "3/cpufreq/scaling_governor",
                        "powersave"),
                written(Level.OK, "governor", "performance", "", CPU + "0/cpufreq/scaling_governor", "powersave"),
                new Case("governor", Level.OK, "not controlled here", "", host -> {
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
                new Case(
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

    static Stream<Case> memory() {
        return Stream.of(
                written(
                        Level.WARNING,
                        "THP",
                        "always",
                        "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled",
                        "/sys/kernel/mm/transparent_hugepage/enabled",
                        "[always] madvise never"),
                removed(Level.OK, "THP", "has none", "", "/sys/kernel/mm/transparent_hugepage/enabled"),
                written(
                        Level.WARNING,
                        "hugepages",
                        "all 64 of 2048 kB are in use",
                        "echo 128 > /proc/sys/vm/nr_hugepages",
                        "/proc/meminfo",
                        "HugePages_Total: 64\nHugePages_Free: 10\nHugePages_Rsvd: 10\nHugepagesize: 2048 kB\n"),
                written(Level.OK, "hugepages", "none reserved", "", "/proc/meminfo", "HugePages_Total: 0\n"));
    }

    @ParameterizedTest
    @MethodSource("jvms")
    void shouldNameTheFindingWhenTheJvmIsNotAsItShouldBe(Jvm jvm, Level level, String subject, String text) {
        Host host = new Host(recorded.files(), jvm, new BitSet(), SchedulingRung.DEADLINE, CpuIdle.POLL, true);
        Finding finding = find(Doctor.examine(host), subject);
        assertThat(finding.level()).as(finding.text()).isEqualTo(level);
        assertThat(finding.text()).contains(text);
    }

    static Stream<Arguments> jvms() {
        return Stream.of(
                Arguments.of(new Jvm(21, "amd64", JVM.arguments()), Level.ERROR, "JVM", "needs 25"),
                Arguments.of(new Jvm(25, "aarch64", JVM.arguments()), Level.ERROR, "JVM", "64-bit x86"),
                Arguments.of(new Jvm(25, "amd64", List.of("-Xmx1g")), Level.ERROR, "JVM options", "not the Z garbage"),
                Arguments.of(
                        new Jvm(25, "amd64", List.of("-XX:+UseZGC", "-Xms1g", "-Xmx2g", "-XX:-UsePerfData")),
                        Level.WARNING,
                        "JVM options",
                        "-XX:+AlwaysPreTouch, -Xms and -Xmx of the same size, --enable-native-access"));
    }

    @Test
    void shouldTakeForAWarningWhatOnlyAHigherRungNeeds() throws IOException {
        recorded.write(STATUS, "CapEff:\t0000000000000000\n");
        recorded.remove("/sys/fs/cgroup/cpuset/release_agent");

        assertThat(Doctor.examine(host(SchedulingRung.FIFO)))
                .filteredOn(finding -> finding.level() == Level.ERROR)
                .extracting(Finding::subject)
                .containsExactly("capabilities");
        assertThat(Doctor.examine(host(SchedulingRung.OTHER)))
                .extracting(Finding::level)
                .doesNotContain(Level.ERROR)
                .contains(Level.WARNING);
    }

    @Test
    void shouldTakeAnotherRingfenceForAWarningWhenNobodyAsksForItsCpusOrForPartitions() throws IOException {
        recorded.write("/sys/fs/cgroup/cpuset/other/cpuset.cpus", "0");
        recorded.write("/sys/fs/cgroup/cpuset/ringfence.77.1234.cpu3/cpuset.cpus", "3");
        recorded.process(77, 1234);

        for (Host host : List.of(Host.of(recorded.files(), JVM), host(SchedulingRung.FIFO))) {
            Finding finding = find(Doctor.examine(host), "cpuset owners");
            assertThat(finding.text()).contains("process 77, has CPU 3");
            assertThat(finding.level()).isEqualTo(Level.WARNING);
        }
    }

    @Test
    void shouldTakeAllCpusButTheFirstWhenThereIsNoConfiguration() {
        assertThat(Host.of(recorded.files(), JVM).dataplaneCpus().stream()).containsExactly(1, 2, 3);
    }

    @Test
    void shouldSayWhatItSeesOfAHostWithoutAnyOfTheFiles(@TempDir Path empty) {
        Host host = Host.of(new HostFiles(empty), JVM);

        assertThat(Doctor.examine(host)).hasSameSizeAs(Doctor.examine(host(SchedulingRung.DEADLINE)));
        assertThat(Doctor.examine(host)).extracting(Finding::level).contains(Level.ERROR);
    }
}
