package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringfence.scheduler.linux.CpuList;
import io.ringfence.scheduler.linux.Proc;
import io.ringfence.testing.Requirement;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What concerns the whole process, shown in a process of its own. */
@Timeout(60)
class HostTest {
    @Test
    void shouldConfineEveryThreadOfTheProcess() throws Exception {
        Requirement.of(OnlineCpus.read().cardinality() > 1, "needs two CPUs");
        assertThat(run(List.of(), Confined.class)).isEqualTo("all on 0");
    }

    @Test
    void shouldStayOnTheCpusThatTheProcessWasStartedOn() throws Exception {
        Requirement.of(OnlineCpus.read().cardinality() > 1, "needs two CPUs");
        requireProgram("taskset");
        assertThat(run(List.of("/usr/bin/taskset", "--cpu-list", "0"), Housekeeping.class, "1"))
                .isEqualTo("started on 0, then on 0, released to 0");
    }

    @Test
    void shouldKeepOffTheDataplaneCpusAndGiveThemBack() throws Exception {
        Requirement.of(OnlineCpus.read().cardinality() > 1, "needs two CPUs");
        String all = CpuList.format(OnlineCpus.read());
        BitSet others = OnlineCpus.read();
        others.clear(1);
        assertThat(run(List.of(), Housekeeping.class, "1"))
                .isEqualTo("started on %s, then on %s, released to %s".formatted(all, CpuList.format(others), all));
    }

    @Test
    void shouldTakeACpusetWithFewerCpusForWhatTheProcessWasGiven() throws Exception {
        Requirement.of(OnlineCpus.read().cardinality() > 1, "needs two CPUs");
        try (var narrow = new VersionOneGroup("cpuset", "ringfence-test-housekeeping")) {
            assertThat(runIn(narrow, "8")).isEqualTo("started on 0, then on 0, released to 0");
        }
    }

    @Test
    void shouldTakeTheOtherCpusWhenTheProcessWasStartedOnDataplaneCpusOnly() throws Exception {
        Requirement.of(OnlineCpus.read().cardinality() > 1, "needs two CPUs");
        requireProgram("taskset");
        BitSet others = OnlineCpus.read();
        others.clear(1);
        assertThat(run(List.of("/usr/bin/taskset", "--cpu-list", "1"), Housekeeping.class, "1"))
                .isEqualTo("started on 1, then on others, %s, released to 1".formatted(CpuList.format(others)));
    }

    @Test
    void shouldRefuseWhenTheCpusetHasDataplaneCpusOnly() throws Exception {
        try (var narrow = new VersionOneGroup("cpuset", "ringfence-test-housekeeping")) {
            assertThat(runIn(narrow, "0"))
                    .startsWith("AFFINITY no CPU is left for housekeeping")
                    .contains("has CPUs 0,", "for the dataplane are 0;", "AllowedCPUs=", "fewer dataplane CPUs");
        }
    }

    /** With CPU 0 only. */
    private static String runIn(VersionOneGroup narrow, String dataplaneCpus) throws Exception {
        narrow.write("cpuset.cpus", "0");
        narrow.write("cpuset.mems", "0");
        return run(
                List.of("/bin/sh", "-c", "echo $$ > " + narrow.folder + "/tasks && exec \"$0\" \"$@\""),
                Housekeeping.class,
                dataplaneCpus);
    }

    @Test
    void shouldNameTheMissingCapability() throws Exception {
        requireProgram("setpriv");
        List<String> powerless = List.of("/usr/bin/setpriv", "--bounding-set=-sys_nice", "--inh-caps=-sys_nice");
        assertThat(run(powerless, Powerless.class).lines())
                .hasSize(2)
                .allSatisfy(line -> assertThat(line)
                        .contains(
                                "CAPABILITY",
                                "EPERM, the process lacks CAP_SYS_NICE",
                                "AmbientCapabilities=CAP_SYS_NICE"));
    }

    @Test
    void shouldNameTheUserNamespaceWhenTheCapabilityCountsOnlyThere() throws Exception {
        requireProgram("unshare");
        Requirement.ofKernel(
                new ProcessBuilder("/usr/bin/unshare", "--map-root-user", "true")
                                .start()
                                .waitFor()
                        == 0,
                "needs user namespaces");
        assertThat(run(List.of("/usr/bin/unshare", "--map-root-user"), Powerless.class)
                        .lines())
                .hasSize(2)
                .allSatisfy(line -> assertThat(line)
                        .contains("CAPABILITY", "in its own user namespace only", "outside the rootless container"));
    }

    private static void requireProgram(String name) {
        Requirement.of(Files.isExecutable(Path.of("/usr/bin/" + name)), "needs " + name + " of util-linux");
    }

    @Test
    void shouldRefuseToConfineToNothing() {
        assertThatThrownBy(() -> HousekeepingAffinity.confine(new BitSet())).hasMessageContaining("no CPU is left");
    }

    @Test
    void shouldCountTheCpuTimeOfThread() {
        var self = new NativeThread();
        long end = self.cpuTimeNanos() + 20_000_000;
        while (self.cpuTimeNanos() < end) {
            Thread.onSpinWait();
        }
        assertThat(ThreadStatistics.read(NativeThread.currentId()).orElseThrow().cpuNanos())
                .isGreaterThan(15_000_000);
        assertThat(ThreadStatistics.read(Integer.MAX_VALUE)).isEmpty();
    }

    private static String run(List<String> prefix, Class<?> main, String... arguments) throws Exception {
        var command = new ArrayList<>(prefix);
        command.addAll(Arrays.asList(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }

    static final class Confined {
        private Confined() {}

        public static void main(String[] arguments) {
            HousekeepingAffinity.confine(CpuList.of(0));
            boolean all = Proc.threads().stream().allMatch(thread -> {
                var cpus = Proc.allowedCpus(thread);
                return cpus.isEmpty() || cpus.equals(CpuList.of(0));
            });
            System.out.println(all ? "all on 0" : "some elsewhere");
        }
    }

    static final class Housekeeping {
        private Housekeeping() {}

        public static void main(String[] arguments) {
            String started = cpus();
            try {
                boolean others = HousekeepingAffinity.excludeCpus(CpuList.parse(arguments[0]))
                        .areOthersThanGiven();
                String then = (others ? "others, " : "") + cpus();
                HousekeepingAffinity.release();
                System.out.println("started on " + started + ", then on " + then + ", released to " + cpus());
            } catch (SchedulingRefusedException refused) {
                System.out.println(refused.rule() + " " + refused.getMessage());
            }
        }

        /** Of all threads that there are. */
        private static String cpus() {
            return Proc.threads().stream()
                    .map(Proc::allowedCpus)
                    .filter(cpus -> !cpus.isEmpty())
                    .map(CpuList::format)
                    .distinct()
                    .collect(Collectors.joining(" and "));
        }
    }

    static final class Powerless {
        private Powerless() {}

        public static void main(String[] arguments) {
            int self = NativeThread.currentId();
            tell(() -> ThreadScheduling.applyDeadline(self, new Reservation(100_000, 1_000_000)));
            tell(() -> ThreadScheduling.applyFifo(self, 1));
        }

        private static void tell(Runnable attempt) {
            try {
                attempt.run();
                System.out.println("admitted");
            } catch (SchedulingRefusedException refused) {
                System.out.println(refused.rule() + " " + refused.getMessage());
            }
        }
    }
}
