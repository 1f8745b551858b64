package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringfence.scheduler.SchedulingRefusedException.Rule;
import io.ringfence.scheduler.linux.CpuList;
import io.ringfence.scheduler.linux.Proc;
import io.ringfence.scheduler.linux.SchedulerCalls;
import io.ringfence.testing.Requirement;
import io.ringfence.testing.RequiresPartition;
import java.nio.file.Files;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Refusals that the kernel of this host gives, one for each rule that can be broken without harm to the host. See also
 * {@link ThreadSchedulingTest}, {@link HostTest} and {@link CpuPartitionTest}; what cannot be provoked is in {@link
 * RefusalTest}.
 */
@RequiresPartition
@Timeout(60)
class KernelRefusalTest {
    private static final Reservation TENTH = new Reservation(100_000, 1_000_000);

    private static void assertRefused(ThrowingCallable call, Rule rule, String... parts) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SchedulingRefusedException.class,
                        refused -> assertThat(refused.rule()).isEqualTo(rule))
                .hasMessageContainingAll(parts);
    }

    @ParameterizedTest
    @ValueSource(longs = {50_000, 5_000_000_000L})
    void shouldNameThePeriodBounds(long periodNanos) throws Exception {
        try (var worker = new TestWorker(_stopped -> {})) {
            assertRefused(
                    () -> ThreadScheduling.applyDeadline(worker.threadId(), new Reservation(10_000, periodNanos)),
                    Rule.PARAMETERS,
                    "expected a period from 100 us to 4194304 us");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 100})
    void shouldNameThePriorityBounds(int priority) throws Exception {
        try (var worker = new TestWorker(_stopped -> {})) {
            assertRefused(
                    () -> ThreadScheduling.applyFifo(worker.threadId(), priority),
                    Rule.PARAMETERS,
                    "SCHED_FIFO at priority " + priority,
                    "expected a priority from 1 to 99");
        }
    }

    @Test
    void shouldAdmitOverAllCpusTogetherWithoutPartitionAndNameTheirSum() throws Exception {
        int cpus = OnlineCpus.read().cardinality();
        var nine = new Reservation(900_000, 1_000_000);
        var workers = new TestWorker[cpus + 1];
        for (int i = 0; i <= cpus; i++) {
            workers[i] = new TestWorker(_stopped -> {});
        }
        try {
            // The fair servers may leave a little less than this on a host with many CPUs; then it is refused earlier.
            assertRefused(
                    () -> {
                        for (TestWorker worker : workers) {
                            ThreadScheduling.applyDeadline(worker.threadId(), nine);
                        }
                    },
                    Rule.ADMISSION,
                    "0.90 of a CPU",
                    "EBUSY");
            assertThat(ThreadScheduling.read(workers[0].threadId()).policy())
                    .isEqualTo(SchedulingAttributes.Policy.DEADLINE);
        } finally {
            for (TestWorker worker : workers) {
                worker.close();
            }
        }
    }

    @Test
    void shouldNameThePolicyWhenADeadlineThreadIsToBeConfined() throws Exception {
        Requirement.of(OnlineCpus.read().cardinality() > 1, "needs two CPUs");
        try (var worker = new TestWorker(_stopped -> {})) {
            ThreadScheduling.applyDeadline(worker.threadId(), TENTH);
            assertRefused(
                    () -> ThreadScheduling.pin(worker.threadId(), 0),
                    Rule.AFFINITY,
                    "cannot be confined to CPUs 0",
                    "EBUSY, it is SCHED_DEADLINE",
                    "use a CpuPartition");
        }
    }

    @Test
    void shouldPinAThreadThatIsNotDeadline() throws Exception {
        try (var worker = new TestWorker(_stopped -> {})) {
            ThreadScheduling.pin(worker.threadId(), 0);
            ThreadScheduling.applyFifo(worker.threadId(), 1);
            assertThat(Proc.allowedCpus(worker.threadId())).isEqualTo(CpuList.of(0));
        }
    }

    @Test
    void shouldNameTheCpusetWhenItIsNarrowerThanItsRootDomain() throws Exception {
        Requirement.of(OnlineCpus.read().cardinality() > 1, "needs two CPUs");
        try (var narrow = new VersionOneGroup("cpuset", "ringfence-test-narrow");
                // On that CPU already: one that sleeps through the move counts as on its old CPU, which is another
                // rule.
                var worker = new TestWorker(
                        () -> SchedulerCalls.setAffinity(NativeThread.currentId(), CpuList.of(0)), _stopped -> {})) {
            narrow.write("cpuset.cpus", "0");
            narrow.write("cpuset.mems", "0");
            narrow.move(worker.threadId());
            assertRefused(
                    () -> ThreadScheduling.applyDeadline(worker.threadId(), TENTH),
                    Rule.CPUSET,
                    "its cpuset " + narrow.folder + " has no more and is no partition",
                    "run it outside that cpuset");
            assertRefused(
                    () -> ThreadScheduling.pin(worker.threadId(), 1),
                    Rule.CPUSET,
                    "EINVAL, none of these CPUs is online and in its cpuset");
        }
    }

    @Test
    void shouldNameTheGroupWhenItHasNoRealtimeRuntime() throws Exception {
        try (var group = new VersionOneGroup("cpu", "ringfence-test-rt");
                var worker = new TestWorker(_stopped -> {})) {
            Requirement.ofKernel(
                    Files.exists(group.folder.resolve("cpu.rt_runtime_us")),
                    "needs a kernel with CONFIG_RT_GROUP_SCHED");
            group.move(worker.threadId());
            assertRefused(
                    () -> ThreadScheduling.applyFifo(worker.threadId(), 1),
                    Rule.REALTIME_GROUP,
                    "CONFIG_RT_GROUP_SCHED",
                    group.folder + "/cpu.rt_runtime_us");
            ThreadScheduling.applyDeadline(worker.threadId(), TENTH); // which does not care
        }
    }

    @Test
    void shouldLetAllThreadsRunWhereTheyMightBeforeWhenReleased() throws Exception {
        try (var worker = new TestWorker(_stopped -> {})) {
            HousekeepingAffinity.excludeCpus(CpuList.of(OnlineCpus.last()));
            assertThat(SchedulerCalls.getAffinity(worker.threadId()).get(OnlineCpus.last()))
                    .isFalse();
            HousekeepingAffinity.release();
            assertThat(SchedulerCalls.getAffinity(worker.threadId())).isEqualTo(OnlineCpus.read());
        }
    }
}
