package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringfence.scheduler.SchedulingRefusedException.Rule;
import io.ringfence.scheduler.linux.CpuList;
import io.ringfence.scheduler.linux.CpusetHierarchy;
import io.ringfence.scheduler.linux.PartitionName;
import io.ringfence.scheduler.linux.Proc;
import io.ringfence.testing.Requirement;
import io.ringfence.testing.RequiresPartition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@RequiresPartition
@Timeout(60)
class CpuPartitionTest {
    private static final int CPU = RequiresPartition.CPU;
    private static final Path CPU_FOLDER = Path.of("/sys/devices/system/cpu/cpu" + CPU);
    private static final Path RESUME_LATENCY = CPU_FOLDER.resolve("power/pm_qos_resume_latency_us");

    private Path root;
    private List<String> before;

    @BeforeEach
    void recordCpusets() throws Exception {
        root = CpusetHierarchy.detect()
                .groupOf((int) ProcessHandle.current().pid())
                .orElseThrow();
        before = state();
    }

    @AfterEach
    void shouldLeaveTheHostAsItWas() throws Exception {
        assertThat(state()).isEqualTo(before);
    }

    @Test
    void shouldPinAdmittedThreadAndMoveItBackOnClose() throws Exception {
        try (var worker = new TestWorker(_stopped -> {})) {
            var allowedBefore = Proc.allowedCpus(worker.threadId());
            var partition = CpuPartition.create(CPU);
            partition.admit(worker.threadId());
            assertThat(Proc.allowedCpus(worker.threadId())).isEqualTo(CpuList.of(CPU));

            partition.close();
            assertThat(Proc.allowedCpus(worker.threadId())).isEqualTo(allowedBefore);
        }
    }

    @Test
    void shouldReturnDeadlineThreadToDefaultPolicyOnClose() throws Exception {
        var partition = CpuPartition.create(CPU);
        try (var worker = new TestWorker(partition, _stopped -> {})) {
            ThreadScheduling.applyDeadline(worker.threadId(), new Reservation(100_000, 1_000_000));
            partition.close();
            assertThat(ThreadScheduling.read(worker.threadId()).policy()).isEqualTo(SchedulingAttributes.Policy.OTHER);
        }
    }

    /** By the kernel's own account of how long the CPU was in sleep states (sysfs-devices-system-cpu, "cpuidle"). */
    @Test
    void shouldKeepItsCpuAwakeUntilClosed() throws Exception {
        Requirement.ofKernel(Files.exists(RESUME_LATENCY), "needs a kernel that lets a CPU be kept awake");
        Requirement.ofKernel(Files.exists(CPU_FOLDER.resolve("cpuidle/state1")), "needs a CPU with a sleep state");
        try (var partition = CpuPartition.create(CPU);
                var napping = new TestWorker(partition, CpuPartitionTest::nap)) {
            napping.start();
            assertThat(asleepMicrosIn(200)).as("asleep before").isGreaterThan(20_000);
            partition.keepAwake();
            asleepMicrosIn(20); // the sleep that was going on
            assertThat(asleepMicrosIn(200)).as("asleep").isLessThan(2_000);
        }
        assertThat(Files.readString(RESUME_LATENCY).strip()).isEqualTo("0");
    }

    /** The kernel counts a sleep when it ends. */
    private static void nap(BooleanSupplier stopped) throws InterruptedException {
        while (!stopped.getAsBoolean()) {
            Thread.sleep(1);
        }
    }

    private static long asleepMicrosIn(long millis) throws Exception {
        long before = asleepMicros();
        Thread.sleep(millis);
        return asleepMicros() - before;
    }

    private static long asleepMicros() throws Exception {
        long micros = 0;
        for (int state = 1; Files.exists(CPU_FOLDER.resolve("cpuidle/state" + state)); state++) {
            micros += Long.parseLong(Files.readString(CPU_FOLDER.resolve("cpuidle/state" + state + "/time"))
                    .strip());
        }
        return micros;
    }

    @Test
    void shouldRefuseCpuThatIsAlreadyPartitioned() {
        try (var partition = CpuPartition.create(CPU)) {
            assertThatThrownBy(() -> CpuPartition.create(partition.cpu()))
                    .isInstanceOfSatisfying(
                            SchedulingRefusedException.class,
                            refused -> assertThat(refused.rule()).isEqualTo(Rule.CPUSET))
                    .hasMessageContaining("CPU 1 is already in the cpuset")
                    .hasMessageContaining("take another CPU");
        }
    }

    @Test
    void shouldRefuseCpuThatDoesNotExist() {
        assertThatThrownBy(() -> CpuPartition.create(4000)).hasMessageContaining("CPU 4000 is not among the CPUs");
    }

    @Test
    void shouldRefuseToTakeTheLastHousekeepingCpu() throws Exception {
        var cpus = OnlineCpus.read();
        // A bigger host would be left with one CPU for a while.
        Requirement.ofKernel(cpus.cardinality() <= 8, "needs a host with eight CPUs at most");
        int last = cpus.nextSetBit(0);
        cpus.clear(last);
        var partitions = new ArrayList<CpuPartition>();
        try {
            cpus.stream().forEach(cpu -> partitions.add(CpuPartition.create(cpu)));
            assertThatThrownBy(() -> CpuPartition.create(last))
                    .hasMessageContaining("housekeeping CPU")
                    .hasMessageContaining("take fewer dataplane CPUs");
        } finally {
            partitions.forEach(CpuPartition::close);
        }
    }

    @Test
    void shouldNotTouchPartitionOfLivingProcess() {
        try (var partition = CpuPartition.create(CPU)) {
            assertThat(CpuPartition.removeStale()).isEmpty();
            assertThat(partition.cpu()).isEqualTo(CPU);
            assertThatThrownBy(() -> CpuPartition.create(CPU)).hasMessageContaining("already in the cpuset");
        }
    }

    @Test
    void shouldRemoveWhatKilledProcessLeft() throws Exception {
        var crashed = startCrasher();
        var name =
                new PartitionName(crashed.pid(), Proc.startTicks(crashed.pid()).orElseThrow(), CPU);
        assertThat(CpuPartition.removeStale()).as("its owner lives").isEmpty();

        crashed.destroyForcibly();
        assertThat(crashed.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(state()).as("the crash leaves something behind").isNotEqualTo(before);

        assertThat(CpuPartition.removeStale()).containsExactly(name.toString());
    }

    @Test
    void shouldTakeOverCpuThatKilledProcessHeld() throws Exception {
        var crashed = startCrasher();
        crashed.destroyForcibly();
        assertThat(crashed.waitFor(10, TimeUnit.SECONDS)).isTrue();

        CpuPartition.create(CPU).close();
    }

    private static Process startCrasher() throws Exception {
        var process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Crasher.class.getName())
                .redirectErrorStream(true)
                .start();
        assertThat(process.inputReader().readLine()).isEqualTo("ready");
        return process;
    }

    /** Makes a partition with a DEADLINE thread in it and waits to be killed. */
    static final class Crasher {
        private Crasher() {}

        public static void main(String[] arguments) throws Exception {
            var partition = CpuPartition.create(CPU);
            partition.keepAwake();
            var worker = new TestWorker(partition, _stopped -> Thread.sleep(60_000));
            ThreadScheduling.applyDeadline(worker.threadId(), new Reservation(100_000, 1_000_000));
            worker.start();
            System.out.println("ready");
            Thread.sleep(60_000);
        }
    }

    /** What a user sees of the host: the cpusets, whether the root balances, and how fast the CPU must wake. */
    private List<String> state() throws Exception {
        try (var entries = Files.list(root)) {
            var state = new ArrayList<>(entries.filter(Files::isDirectory)
                    .map(Path::toString)
                    .sorted()
                    .toList());
            var balance = root.resolve("cpuset.sched_load_balance");
            state.add(Files.exists(balance) ? Files.readString(balance).strip() : "version 2");
            if (Files.exists(RESUME_LATENCY)) {
                state.add(Files.readString(RESUME_LATENCY).strip());
            }
            return state;
        }
    }
}
