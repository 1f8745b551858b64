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

    private static String run(List<String> prefix, Class<?> main) throws Exception {
        var command = new ArrayList<>(prefix);
        command.addAll(Arrays.asList(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
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
