package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringfence.config.Configuration;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Counters;
import io.ringfence.scheduler.CpuPartition;
import io.ringfence.scheduler.SchedulingAttributes;
import io.ringfence.scheduler.SchedulingAttributes.Policy;
import io.ringfence.scheduler.SchedulingRefusedException;
import io.ringfence.scheduler.SchedulingRefusedException.Rule;
import io.ringfence.scheduler.ThreadScheduling;
import io.ringfence.scheduler.linux.Proc;
import io.ringfence.vhostuser.frontend.EmbeddedGuest;
import io.ringfence.vhostuser.frontend.GuestOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each rung of the scheduling ladder on the kernel of this host: what is above it is refused by taking away what it needs.
 */
@RequiresDataplaneCpu
@Timeout(120)
class LadderTest {
    private static final long ALICE = 0x01_0000_005452L;
    private static final long BOB = 0x02_0000_005452L;
    private static final String[] POWERLESS = {"setpriv", "--bounding-set=-sys_nice", "--inh-caps=-sys_nice"};
    private static final String SMALL = "{ runtime: 200us, period: 1ms }";

    @TempDir
    private Path folder;

    private final RecordedEvents events = new RecordedEvents();

    private Configuration configuration(String lowest, String alice, String bob) throws Exception {
        return Configuration.parse("""
                host: { cpus: [1], scheduling: %2$s }
                networks: [ { name: blue } ]
                vms:
                  - { name: alice, socket: %1$s/alice.sock, network: blue, reservation: %3$s }
                  - { name: bob, socket: %1$s/bob.sock, network: blue, reservation: %4$s }
                """.formatted(folder, lowest, alice, bob), "test.yaml");
    }

    @Test
    void shouldStayOnTheFirstRungWhenTheHostGivesItThoughLessIsAllowed() throws Exception {
        try (Dataplane dataplane = Dataplane.start(configuration("other", SMALL, SMALL), events)) {
            requireInForce(dataplane, "deadline", Policy.DEADLINE, "1");
        }
    }

    @Test
    void shouldRunDeadlineOverAllCpusWhenAllTogetherIsTooMuchForThePartition() throws Exception {
        // The fair server leaves 0.90 of a CPU: alice is admitted and metered already when bob is refused.
        Configuration tight =
                configuration("deadline-global", "{ runtime: 500us, period: 1ms }", "{ runtime: 440us, period: 1ms }");
        try (Dataplane dataplane = Dataplane.start(tight, events)) {
            requireInForce(dataplane, "deadline-global", Policy.DEADLINE, online());
            assertThat(events.of("host").getFirst()).contains("scheduling rung deadline refused", "CPU 1", "bob");
            assertThat(partitions()).isEmpty();
        }
        requireNothingLeft();
    }

    @Test
    void shouldRunFifoOnItsCpuWhenTheKernelAdmitsNoReservation() throws Exception {
        try (Hogs hogs = Hogs.leaving(0.3);
                Dataplane dataplane = Dataplane.start(configuration("fifo", SMALL, SMALL), events)) {
            assertThat(hogs.count()).isPositive();
            requireInForce(dataplane, "fifo", Policy.FIFO, "1");
            assertThat(events.of("host"))
                    .anySatisfy(line -> assertThat(line).contains("scheduling rung deadline refused"))
                    .anySatisfy(line -> assertThat(line).contains("scheduling rung deadline-global refused", "EBUSY"));
            requireNoMeter(dataplane);
        }
        requireNothingLeft();
    }

    @Test
    void shouldPinByAffinityWhenTheCgroupFilesAreReadOnlyAsInAContainer() throws Exception {
        try (Hogs hogs = Hogs.leaving(0.1)) {
            assertThat(hogs.count()).isPositive();
            Process run = run(
                    "fifo",
                    "unshare",
                    "--mount",
                    "sh",
                    "-c",
                    "mount -o remount,ro,bind /sys/fs/cgroup/cpuset && exec \"$@\"",
                    "sh");
            try {
                assertThat(run.inputReader().readLine()).endsWith("scheduling fifo");
                int worker = threadOf(run, "worker-alice");
                assertThat(ThreadScheduling.read(worker).policy()).isEqualTo(Policy.FIFO);
                assertThat(Proc.status(worker, "Cpus_allowed_list")).hasValue("1");
                run.toHandle().destroy();
                assertThat(run.waitFor()).isZero();
                assertThat(errors(run)).contains("workers are pinned, but", "Read-only file system");
            } finally {
                run.destroyForcibly();
            }
        }
    }

    private static int threadOf(Process process, String name) throws Exception {
        try (var tasks = Files.newDirectoryStream(Path.of("/proc/" + process.pid() + "/task"))) {
            for (Path task : tasks) {
                if (Files.readString(task.resolve("comm")).strip().equals(name)) {
                    return Integer.parseInt(task.getFileName().toString());
                }
            }
        }
        throw new AssertionError("no thread " + name);
    }

    private static String errors(Process process) throws Exception {
        return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void shouldRunWithoutPromiseWhenTheCapabilityIsMissing() throws Exception {
        Process run = run("other", POWERLESS);
        try {
            String ready = String.valueOf(run.inputReader().readLine());
            assertThat(ready).endsWith("scheduling other");
            assertThat(Counters.read(CountersFile.of(run.pid()))).containsEntry("host/scheduling-other", 1L);
            run.toHandle().destroy(); // SIGTERM; the process's own destroy closes its streams too
            assertThat(run.waitFor()).isZero();
            assertThat(errors(run))
                    .contains("host: warning: scheduling rung deadline refused", "lacks CAP_SYS_NICE")
                    .contains("host: warning: scheduling rung deadline-global refused")
                    .contains("host: warning: scheduling rung fifo refused")
                    .contains("host: scheduling other: nothing is promised");
        } finally {
            run.destroyForcibly();
        }
    }

    @Test
    void shouldExitWithThreeAndTheRemedyWhenTheCapabilityIsMissingAndNeeded() throws Exception {
        Process run = run("fifo", POWERLESS);
        assertThat(errors(run).lines())
                .last()
                .asString()
                .contains("SCHED_FIFO at priority 50: EPERM", "AmbientCapabilities=CAP_SYS_NICE");
        assertThat(run.waitFor()).isEqualTo(3);
    }

    /** The command as a user would start it, through a program that takes rights away. */
    private Process run(String lowest, String... prefix) throws Exception {
        Path file = Files.writeString(folder.resolve("ringfence.yaml"), """
                host: { cpus: [1], scheduling: %2$s }
                networks: [ { name: blue } ]
                vms: [ { name: alice, socket: %1$s/alice.sock, network: blue, reservation: %3$s } ]
                """.formatted(folder, lowest, SMALL));
        List<String> command = new ArrayList<>(List.of(prefix));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Path.of(System.getProperty("ringfence.root"), "jvm.options"),
                "-cp",
                System.getProperty("java.class.path"),
                "io.ringfence.dataplane.cli.Ringfence",
                "run",
                "--config",
                file.toString()));
        return new ProcessBuilder(command).start();
    }

    @Test
    void shouldRefuseToStartWhenTheLowestRungAllowedIsRefused() throws Exception {
        try (CpuPartition taken = CpuPartition.create(1)) {
            assertThatThrownBy(() -> Dataplane.start(configuration("deadline", SMALL, SMALL), events))
                    .isInstanceOfSatisfying(
                            SchedulingRefusedException.class,
                            refused -> assertThat(refused.rule()).isEqualTo(Rule.CPUSET))
                    .hasMessageContaining("CPU " + taken.cpu() + " is already in the cpuset");
        }
        assertThat(folder.resolve("alice.sock")).doesNotExist();
        requireNothingLeft();
    }

    /** The rung is told everywhere, the kernel says the same of the workers, and frames pass. */
    private void requireInForce(Dataplane dataplane, String rung, Policy policy, String cpus) throws Exception {
        assertThat(dataplane.readyLine()).endsWith("scheduling " + rung);
        assertThat(Counters.read(dataplane.counters().file())).containsEntry("host/scheduling-" + rung, 1L);
        assertThat(events.of("host").getLast()).startsWith("host: scheduling " + rung + ": ");
        for (Dataplane.WorkerThread worker : dataplane.workerThreads()) {
            SchedulingAttributes kernel = ThreadScheduling.read(worker.threadId());
            assertThat(kernel.policy()).isEqualTo(policy);
            assertThat(Proc.status(worker.threadId(), "Cpus_allowed_list")).hasValue(cpus);
        }
        try (EmbeddedGuest alice = EmbeddedGuest.connect(folder.resolve("alice.sock"), GuestOptions.ofPairs(1));
                EmbeddedGuest bob = EmbeddedGuest.connect(folder.resolve("bob.sock"), GuestOptions.ofPairs(1))) {
            assertThat(Traffic.exchange(alice, ALICE, bob, BOB, 200)).isEqualTo(200);
            assertThat(Traffic.exchange(bob, BOB, alice, ALICE, 200)).isEqualTo(200);
        }
    }

    /** A meter from a rung that was refused would have the worker yield, under load, for nothing. */
    private void requireNoMeter(Dataplane dataplane) throws Exception {
        // On the rung that was refused it has yielded once or twice.
        long yields = count(dataplane, "alice", Counter.YIELDS);
        long received = count(dataplane, "bob", Counter.RECEIVED_FRAMES);
        try (EmbeddedGuest alice = EmbeddedGuest.connect(folder.resolve("alice.sock"), GuestOptions.ofPairs(1));
                EmbeddedGuest bob = EmbeddedGuest.connect(folder.resolve("bob.sock"), GuestOptions.ofPairs(1))) {
            long until = System.nanoTime() + 300_000_000;
            for (long number = 0; System.nanoTime() - until < 0; number++) {
                Traffic.send(alice, BOB, ALICE, number);
                Traffic.take(bob);
            }
        }
        assertThat(count(dataplane, "bob", Counter.RECEIVED_FRAMES)).isGreaterThan(received + 1_000);
        assertThat(count(dataplane, "alice", Counter.YIELDS)).isEqualTo(yields);
    }

    private static long count(Dataplane dataplane, String vm, Counter counter) throws Exception {
        return Counters.read(dataplane.counters().file()).getOrDefault(vm + "/" + counter.label(), 0L);
    }

    /** All bandwidth is back: the first rung can be had again. */
    private void requireNothingLeft() throws Exception {
        assertThat(partitions()).isEmpty();
        try (Dataplane dataplane = Dataplane.start(configuration("deadline", SMALL, SMALL), events)) {
            assertThat(dataplane.rung()).isEqualTo("deadline");
        }
    }

    private static String online() throws Exception {
        return Files.readString(Path.of("/sys/devices/system/cpu/online")).strip();
    }

    private static List<String> partitions() throws Exception {
        try (var entries = Files.list(Path.of("/sys/fs/cgroup/cpuset"))) {
            return entries.map(path -> path.getFileName().toString())
                    .filter(name -> name.startsWith(
                            "ringfence." + ProcessHandle.current().pid() + "."))
                    .toList();
        }
    }
}
