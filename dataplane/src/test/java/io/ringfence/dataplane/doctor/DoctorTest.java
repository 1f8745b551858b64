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

    static Stream<Symptom> symptoms() {
        return Stream.of(KernelSymptoms.all(), rights(), CpusetSymptoms.all(), CpuSymptoms.all(), memory())
                .flatMap(all -> all);
    }

    @ParameterizedTest
    @MethodSource("symptoms")
    void shouldNameTheFindingAndItsRemedyWhenTheHostIsChanged(Symptom symptom) throws IOException {
        symptom.change().of(recorded);
        Map<String, String> before = recorded.state();

        List<Finding> findings = Doctor.examine(host(SchedulingRung.DEADLINE));

        Finding finding = find(findings, symptom.subject());
        assertThat(finding.level()).as(finding.text()).isEqualTo(symptom.level());
        assertThat(finding.text()).contains(symptom.text());
        assertThat(finding.remedy()).contains(symptom.remedy());
        assertThat(finding.remedy().isEmpty()).isEqualTo(symptom.level() == Level.OK);
        assertThat(recorded.state()).as("the host afterwards").isEqualTo(before);
    }

    private static Stream<Symptom> rights() {
        return Stream.of(
                Symptom.written(
                        Level.ERROR,
                        "capabilities",
                        "CAP_SYS_NICE is missing",
                        "sudo",
                        STATUS,
                        "CapEff:\t00000000a80425fb"),
                Symptom.written(Level.ERROR, "capabilities", "CAP_SYS_NICE is missing", "sudo", STATUS, ""),
                Symptom.written(
                        Level.ERROR,
                        "capabilities",
                        "not the rights to make partitions",
                        "Delegate=yes",
                        STATUS,
                        "CapEff:\t0000000000800000"),
                Symptom.written(
                        Level.ERROR,
                        "capabilities",
                        "inside a user namespace only",
                        "outside the rootless container",
                        "/proc/self/uid_map",
                        "         0       1000          1\n"),
                Symptom.written(
                        Level.WARNING,
                        "seccomp",
                        "a filter is in force",
                        "sched_setattr",
                        STATUS,
                        "CapEff:\t000001ffffffffff\nSeccomp:\t2\n"));
    }

    private static Stream<Symptom> memory() {
        return Stream.of(
                Symptom.written(
                        Level.WARNING,
                        "THP",
                        "always",
                        "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled",
                        "/sys/kernel/mm/transparent_hugepage/enabled",
                        "[always] madvise never"),
                Symptom.removed(Level.OK, "THP", "has none", "", "/sys/kernel/mm/transparent_hugepage/enabled"),
                Symptom.written(
                        Level.WARNING,
                        "hugepages",
                        "all 64 of 2048 kB are in use",
                        "echo 128 > /proc/sys/vm/nr_hugepages",
                        "/proc/meminfo",
                        "HugePages_Total: 64\nHugePages_Free: 10\nHugePages_Rsvd: 10\nHugepagesize: 2048 kB\n"),
                Symptom.written(Level.OK, "hugepages", "none reserved", "", "/proc/meminfo", "HugePages_Total: 0\n"));
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
