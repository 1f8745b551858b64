package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.journal.JournalReader;
import io.ringfence.dataplane.journal.JournalRecord;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.scheduler.SchedulingAttributes.Policy;
import io.ringfence.scheduler.ThreadScheduling;
import io.ringfence.scheduler.linux.CpusetHierarchy;
import io.ringfence.scheduler.linux.Mount;
import io.ringfence.scheduler.linux.Proc;
import io.ringfence.testing.Await;
import io.ringfence.vhostuser.frontend.EmbeddedGuest;
import io.ringfence.vhostuser.frontend.GuestOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each rung of the scheduling ladder on the kernel of this host: what is above it is refused by taking away what it needs.
 */
@RequiresDataplaneCpu
@Timeout(120)
class LadderTest {
    private static final long ALICE = 0x01_0000_005452L;
    private static final long BOB = 0x02_0000_005452L;
    private static final String[] POWERLESS = {"setpriv", "--bounding-set=-sys_nice", "--inh-caps=-sys_nice"};

    /** As in a container: the cgroup files can be read only, so there are no partitions. */
    private static final String[] CONTAINED = {
        "unshare", "--mount", "sh", "-c", "mount -o remount,ro,bind \"$1\" && shift && exec \"$@\"", "sh", cpusets()
    };

    @TempDir
    private Path folder;

    private static String cpusets() {
        try {
            List<Mount> mounts = Mount.parse(Files.readString(Path.of("/proc/self/mountinfo")));
            return Mount.ofController("cpuset", mounts).orElseThrow().point().toString();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Without a journal: to open it, and to wait for that at the end, would take seconds each time. */
    private RunningCommand run(String lowest, String... prefix) throws Exception {
        return start("", lowest, prefix);
    }

    private RunningCommand runWithJournal(String lowest) throws Exception {
        return start("journal: { directory: %s/journal, retain: 16MiB }%n".formatted(folder), lowest);
    }

    private RunningCommand start(String more, String lowest, String... prefix) throws Exception {
        String text = more + """
                host: { cpus: [1], scheduling: %2$s }
                networks: [ { name: blue } ]
                vms:
                  - { name: alice, socket: %1$s/alice.sock, network: blue, reservation: { runtime: 200us, period: 1ms } }
                  - { name: bob, socket: %1$s/bob.sock, network: blue, reservation: { runtime: 200us, period: 1ms } }
                """.formatted(folder, lowest);
        return RunningCommand.start(Files.writeString(folder.resolve("ringfence.yaml"), text), prefix);
    }

    @Test
    void shouldStayOnTheFirstRungWhenTheHostGivesItThoughLessIsAllowed() throws Exception {
        try (RunningCommand run = run("other")) {
            requireInForce(run, "deadline", Policy.DEADLINE, "1");
            assertThat(run.stop()).contains("host: scheduling deadline: ").doesNotContain("refused");
        }
    }

    @Test
    void shouldKeepHousekeepingOffTheWorkersWhenItWasStartedOnTheirCpuOnly() throws Exception {
        try (RunningCommand run = run("deadline", "taskset", "--cpu-list", "1")) {
            requireInForce(run, "deadline", Policy.DEADLINE, "1");
            assertThat(run.stop())
                    .contains("host: housekeeping on CPUs 0")
                    .contains("host: warning: Ringfence was started on CPUs 1, which are all in host.cpus");
        }
    }

    @Test
    void shouldRunDeadlineOverAllCpusWhenThereAreNoPartitions() throws Exception {
        try (RunningCommand run = run("deadline-global", CONTAINED)) {
            requireInForce(run, "deadline-global", Policy.DEADLINE, online());
            assertThat(run.stop())
                    .contains("scheduling rung deadline refused", "Read-only file system")
                    .contains("host: scheduling deadline-global: ");
        }
    }

    @Test
    void shouldRunFifoPinnedAndWithoutAMeterWhenTheKernelAdmitsNotAllReservations() throws Exception {
        // Over all CPUs one of the two reservations is admitted, and taken back when the other is not.
        try (Hogs hogs = Hogs.leaving(0.3);
                RunningCommand run = run("fifo", CONTAINED)) {
            assertThat(hogs.count()).isPositive();
            requireInForce(run, "fifo", Policy.FIFO, "1");
            requireNoMeter(run);
            assertThat(run.stop())
                    .contains("scheduling rung deadline refused", "Read-only file system")
                    .containsPattern("scheduling rung deadline-global refused.*EBUSY")
                    .contains("workers are pinned, but")
                    .contains("host: scheduling fifo: ");
        }
        requireNothingLeft();
    }

    @Test
    void shouldRunFifoInAPartitionWhenItsCpuIsReservedByOthers() throws Exception {
        // Those that sleep on the CPU have their share of it in the partition, too.
        try (Hogs hogs = Hogs.leaving(0.3);
                RunningCommand run = runWithJournal("fifo")) {
            assertThat(hogs.count()).isPositive();
            requireInForce(run, "fifo", Policy.FIFO, "1");
            for (String vm : List.of("alice", "bob")) {
                assertThat(CpusetHierarchy.detect()
                                .groupOf(run.threadOf(vm))
                                .orElseThrow()
                                .toString())
                        .as("cpuset of the worker")
                        .contains("ringfence.")
                        .endsWith(".cpu1");
            }
            requireNoMeter(run);
            awaitJournalled("fifo", "fifo");
            assertThat(run.stop())
                    .containsPattern("scheduling rung deadline refused.*CPU 1")
                    .containsPattern("scheduling rung deadline-global refused.*EBUSY")
                    .doesNotContain("workers are pinned, but")
                    .contains("host: scheduling fifo: ");
        }
        requireNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5})
    void shouldRunWithoutPromiseWhenTheCapabilityIsMissing(int niceness) throws Exception {
        String[] prefix = Stream.concat(Stream.of("nice", "-n", Integer.toString(niceness)), Stream.of(POWERLESS))
                .toArray(String[]::new);
        try (RunningCommand run = run("other", prefix)) {
            requireInForce(run, "other", Policy.OTHER, online());
            assertThat(run.stop())
                    .contains("host: warning: scheduling rung deadline refused", "lacks CAP_SYS_NICE")
                    .contains("host: warning: scheduling rung deadline-global refused")
                    .contains("host: warning: scheduling rung fifo refused")
                    .contains("host: scheduling other: nothing is promised");
        }
    }

    @Test
    void shouldExitWithThreeAndTheRemedyWhenTheLowestRungAllowedIsRefused() throws Exception {
        try (RunningCommand run = run("fifo", POWERLESS)) {
            assertThat(run.errors().lines())
                    .last()
                    .asString()
                    .contains("SCHED_FIFO at priority 50: EPERM", "AmbientCapabilities=CAP_SYS_NICE");
            assertThat(run.exitCode()).isEqualTo(3);
        }
        try (RunningCommand run = run("deadline", CONTAINED)) {
            assertThat(run.errors().lines()).last().asString().contains("Read-only file system");
            assertThat(run.exitCode()).isEqualTo(3);
        }
        assertThat(folder.resolve("alice.sock")).doesNotExist();
    }

    /** The rung is told everywhere, the kernel says the same of the workers, and frames pass. */
    private void requireInForce(RunningCommand run, String rung, Policy policy, String cpus) throws Exception {
        assertThat(run.ready()).endsWith("scheduling " + rung);
        assertThat(run.counters()).containsEntry("host/scheduling-" + rung, 1L);
        for (String vm : List.of("alice", "bob")) {
            int thread = run.threadOf(vm);
            assertThat(ThreadScheduling.read(thread).policy()).as(vm).isEqualTo(policy);
            assertThat(Proc.status(thread, "Cpus_allowed_list")).as(vm).hasValue(cpus);
        }
        try (EmbeddedGuest alice = EmbeddedGuest.connect(folder.resolve("alice.sock"), GuestOptions.ofPairs(1));
                EmbeddedGuest bob = EmbeddedGuest.connect(folder.resolve("bob.sock"), GuestOptions.ofPairs(1))) {
            assertThat(Traffic.exchange(alice, ALICE, bob, BOB, 200)).isEqualTo(200);
            assertThat(Traffic.exchange(bob, BOB, alice, ALICE, 200)).isEqualTo(200);
        }
    }

    /** The journal opens its files a second after ready. */
    private void awaitJournalled(String rung, String lowestAllowed) {
        List<JournalRecord.Rung> rungs = new ArrayList<>();
        Await.until("the journal says the rung", () -> {
            JournalReader.read(folder.resolve("journal"), Instant.EPOCH, entry -> {
                if (entry instanceof JournalRecord.Rung found) {
                    rungs.add(found);
                }
            });
            return !rungs.isEmpty();
        });
        assertThat(rungs).singleElement().satisfies(found -> {
            assertThat(found.rung()).isEqualTo(rung);
            assertThat(found.lowestAllowed()).isEqualTo(lowestAllowed);
        });
    }

    /** A meter from a rung that was refused would have the worker yield, under load, for nothing. */
    private void requireNoMeter(RunningCommand run) throws Exception {
        // On the rung that was refused it has yielded once or twice.
        long yields = run.count("alice", Counter.YIELDS);
        long received = run.count("bob", Counter.RECEIVED_FRAMES);
        try (EmbeddedGuest alice = EmbeddedGuest.connect(folder.resolve("alice.sock"), GuestOptions.ofPairs(1));
                EmbeddedGuest bob = EmbeddedGuest.connect(folder.resolve("bob.sock"), GuestOptions.ofPairs(1))) {
            long until = System.nanoTime() + 300_000_000;
            for (long number = 0; System.nanoTime() - until < 0; number++) {
                Traffic.send(alice, BOB, ALICE, number);
                Traffic.take(bob);
            }
        }
        assertThat(run.count("bob", Counter.RECEIVED_FRAMES)).isGreaterThan(received + 1_000);
        assertThat(run.count("alice", Counter.YIELDS)).isEqualTo(yields);
    }

    /** All bandwidth is back: the first rung can be had again. */
    private void requireNothingLeft() throws Exception {
        try (RunningCommand run = run("deadline")) {
            assertThat(run.ready()).endsWith("scheduling deadline");
            run.stop();
        }
    }

    private static String online() throws Exception {
        return Files.readString(Path.of("/sys/devices/system/cpu/online")).strip();
    }
}
