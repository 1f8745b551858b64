package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.within;

import io.ringfence.scheduler.SchedulingAttributes.Policy;
import io.ringfence.scheduler.SchedulingRefusedException.Rule;
import io.ringfence.scheduler.linux.CpuList;
import io.ringfence.scheduler.linux.Proc;
import io.ringfence.scheduler.linux.SchedulerCalls;
import io.ringfence.testing.Await;
import io.ringfence.testing.RequiresPartition;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@RequiresPartition
@Timeout(60)
class ThreadSchedulingTest {
    private static final int CPU = RequiresPartition.CPU;
    private static final Reservation TENTH = new Reservation(100_000, 1_000_000);
    private static final Reservation THREE_TENTHS = new Reservation(300_000, 1_000_000);
    private static final int WARM_ROUNDS = 3_000_000;
    private static final Duration IN_TIME = Duration.ofSeconds(10);
    /** The median of some windows counts: a host that stops for half a second spoils those that it falls into. */
    private static final int WINDOWS = 11;

    private static final long WINDOW_MILLIS = 200;
    /** So long that a second in which something else ran on the CPU (seen twice) is a small part. */
    private static final int PERIOD_WINDOWS = 31;

    private CpuPartition partition;

    @BeforeEach
    void createPartition() {
        partition = CpuPartition.create(CPU);
    }

    @AfterEach
    void closePartition() {
        partition.close();
    }

    @Test
    void shouldReadBackTheReservationThatWasApplied() throws Exception {
        try (var worker = admitted(_stopped -> {})) {
            ThreadScheduling.applyDeadline(worker.threadId(), TENTH);

            assertThat(ThreadScheduling.read(worker.threadId()))
                    .isEqualTo(
                            new SchedulingAttributes(Policy.DEADLINE, true, false, 0, 100_000, 1_000_000, 1_000_000));
        }
    }

    @Test
    void shouldTellAWorkerWhatItsServerHasLeft() throws Exception {
        var left = new long[2];
        var used = new long[1];
        try (var worker = admitted(_stopped -> {
            try (var self = new NativeThread()) {
                self.watchServer();
                long before = 0;
                // A virtual CPU that stands still is charged for: then, in another period.
                for (int period = 0; period < 10 && left[0] < 15_000_000; period++) {
                    self.yieldUntilNextPeriod();
                    before = self.cpuTimeNanos();
                    left[0] = self.runtimeLeftNanos();
                }
                long after = before;
                while (after - before < 5_000_000) {
                    after = self.cpuTimeNanos();
                }
                left[1] = self.runtimeLeftNanos();
                used[0] = after - before;
            }
        })) {
            ThreadScheduling.applyDeadline(worker.threadId(), new Reservation(20_000_000, 100_000_000));
            worker.start();
            worker.await();
        }
        assertThat(left[0]).as("ns left after a yield, of 20 ms").isBetween(15_000_000L, 20_000_000L);
        // The kernel charges a CPU below its highest frequency, or of less capacity, for less than the time.
        assertThat(left[0] - left[1])
                .as("ns less, for %d ns of CPU time", used[0])
                .isBetween(used[0] / 10, used[0] + 200_000);
    }

    @Test
    void shouldReadBackFifoAndOther() throws Exception {
        try (var worker = new TestWorker(_stopped -> {})) {
            ThreadScheduling.applyFifo(worker.threadId(), 10);
            assertThat(ThreadScheduling.read(worker.threadId()))
                    .isEqualTo(new SchedulingAttributes(Policy.FIFO, true, false, 10, 0, 0, 0));

            ThreadScheduling.applyOther(worker.threadId());
            assertThat(ThreadScheduling.read(worker.threadId()))
                    .isEqualTo(new SchedulingAttributes(Policy.OTHER, true, false, 0, 0, 0, 0));
        }
    }

    @Test
    void shouldHoldSpinningThreadToItsShare() throws Exception {
        try (var worker = admitted(ThreadSchedulingTest::spin)) {
            ThreadScheduling.applyDeadline(worker.threadId(), new Reservation(2_000_000, 10_000_000));
            worker.start();
            var shares = new double[WINDOWS];
            for (int window = 0; window < WINDOWS; window++) {
                var before = worker.statistics();
                long startNanos = System.nanoTime();
                Thread.sleep(WINDOW_MILLIS);
                var after = worker.statistics();
                shares[window] = (double) (after.cpuNanos() - before.cpuNanos()) / (System.nanoTime() - startNanos);
            }

            // Without HRTICK the kernel looks at the tick, 4 ms apart: overruns are paid back, but not to the
            // microsecond.
            assertThat(median(shares)).as("of %s", Arrays.toString(shares)).isCloseTo(0.2, within(0.02));
        }
    }

    @Test
    void shouldLetDeadlineWorkerStartThreads() throws Exception {
        try (var worker = admitted(_stopped -> {
            var child = Thread.ofPlatform().start(() -> {});
            child.join();
        })) {
            ThreadScheduling.applyDeadline(worker.threadId(), TENTH);
            worker.start();
            worker.await();
        }
    }

    @Test
    void shouldNameAdmissionWhenTheCpuIsFull() throws Exception {
        try (var first = admitted(_stopped -> {});
                var second = admitted(_stopped -> {})) {
            ThreadScheduling.applyDeadline(first.threadId(), new Reservation(600_000, 1_000_000));

            assertRefused(
                    () -> ThreadScheduling.applyDeadline(second.threadId(), new Reservation(400_000, 1_000_000)),
                    Rule.ADMISSION,
                    "SCHED_DEADLINE 400.0 us every 1000.0 us (0.40 of a CPU): EBUSY",
                    "CPU 1",
                    "lower this or another reservation");
        }
    }

    @Test
    void shouldNameThePeriodBoundsWhenThePeriodIsTooShort() throws Exception {
        try (var worker = admitted(_stopped -> {})) {
            assertRefused(
                    () -> ThreadScheduling.applyDeadline(worker.threadId(), new Reservation(10_000, 50_000)),
                    Rule.PARAMETERS,
                    "every 50.0 us",
                    "expected a period from 100 us to 4194304 us");
        }
    }

    @Test
    void shouldNameTheAffinityWhenTheThreadIsPinnedOutsidePartition() throws Exception {
        partition.close();
        // Awake, so that it is moved at once; see the next test.
        try (var worker = new TestWorker(ThreadSchedulingTest::spin)) {
            worker.start();
            assertThat(SchedulerCalls.setAffinity(worker.threadId(), CpuList.of(CPU)))
                    .isZero();

            assertRefused(
                    () -> ThreadScheduling.applyDeadline(worker.threadId(), TENTH),
                    Rule.AFFINITY,
                    "may run on CPUs 1 only",
                    "CpuPartition first");
        }
    }

    @Test
    void shouldNameTheOldCpuWhenTheThreadSleepsSinceItWasMoved() throws Exception {
        for (int attempt = 0; attempt < 10; attempt++) {
            try (var worker = new TestWorker(() -> runOn(0), _stopped -> {})) {
                Await.until("the worker sleeps", worker::sleepsUntilStarted);
                String switches = switches(worker);
                partition.admit(worker.threadId());
                Throwable refused = catchThrowable(() -> ThreadScheduling.applyDeadline(worker.threadId(), TENTH));
                if (refused == null || !switches.equals(switches(worker))) {
                    continue; // the JVM has woken it; perhaps it has not gone to sleep again yet
                }
                assertThat(refused)
                        .isInstanceOfSatisfying(
                                SchedulingRefusedException.class,
                                refusal -> assertThat(refusal.rule()).isEqualTo(Rule.AFFINITY))
                        .hasMessageContainingAll("slept on CPU 0 since it was moved to CPUs 1", "let it admit itself");
                return;
            }
        }
        fail("not refused once; or the JVM wakes every thread that sleeps");
    }

    private static String switches(TestWorker worker) {
        return Proc.status(worker.threadId(), "voluntary_ctxt_switches").orElseThrow();
    }

    @Test
    void shouldSayThatTheThreadHasEnded() throws Exception {
        var worker = new TestWorker(_stopped -> {});
        worker.close();
        // Thread.join returns a little before the kernel's thread is gone.
        Await.until(
                "the thread is gone",
                () -> ThreadStatistics.read(worker.threadId()).isEmpty());

        assertRefused(
                () -> ThreadScheduling.applyDeadline(worker.threadId(), TENTH), Rule.NO_SUCH_THREAD, "it has ended");
        assertThatThrownBy(() -> partition.admit(worker.threadId())).hasMessageContaining("it has ended");
    }

    @Test
    void shouldProbeWhatTheCpuStillTakes() throws Exception {
        double empty = AdmissionControl.probeResidual(partition);
        assertThat(empty).isBetween(0.5, AdmissionControl.limit());

        try (var worker = admitted(_stopped -> {})) {
            ThreadScheduling.applyDeadline(worker.threadId(), new Reservation(300_000, 1_000_000));
            assertThat(AdmissionControl.probeResidual(partition)).isCloseTo(empty - 0.3, within(0.011));
            long mostNanos = (long) ((empty - 0.01) * 1_000_000);
            ThreadScheduling.applyDeadline(worker.threadId(), new Reservation(mostNanos, 1_000_000));
        }
    }

    @Test
    void shouldHardlyEverOverrunWhenTheWorkerMetersItself() throws Exception {
        var metered = new PeriodCount();
        var unmetered = new PeriodCount();
        try (var worker = admitted(stopped -> spinMetered(stopped, metered))) {
            count(worker, metered);
        }
        try (var worker = admitted(stopped -> spinUnmetered(stopped, unmetered))) {
            count(worker, unmetered);
        }

        assertThat(median(metered.perPeriod))
                .as("yields in a period: not starved; %s", Arrays.toString(metered.perPeriod))
                .isBetween(0.75, 1.05);
        // Seen on a two-CPU virtual machine: 0.05 to 0.8 % metered, 85 to 100 % unmetered. Why not none, metered, was
        // not looked into, so the limit is wide.
        assertThat(metered.overrunShare())
                .as("share of periods with more than the runtime")
                .isLessThan(0.05);
        // The contrast: else the kernel, and not the meter, might be what keeps the worker within its runtime.
        assertThat(unmetered.overrunShare())
                .as("the same of a worker without a meter; metered %.4f", metered.overrunShare())
                .isGreaterThan(10 * metered.overrunShare())
                .isGreaterThan(0.5);
    }

    /** Periods of a worker and how many of them took more CPU time than the runtime. */
    private static final class PeriodCount {
        private final AtomicInteger all = new AtomicInteger();
        private final AtomicInteger overrun = new AtomicInteger();
        private final AtomicInteger seen = new AtomicInteger();
        private final AtomicInteger rounds = new AtomicInteger();
        private final double[] perPeriod = new double[PERIOD_WINDOWS];
        private volatile boolean counts;

        /** One round of the worker's loop. */
        void round() {
            rounds.incrementAndGet();
        }

        void add(long cpuNanos) {
            seen.incrementAndGet();
            if (!counts) {
                return;
            }
            all.incrementAndGet();
            if (cpuNanos > THREE_TENTHS.runtimeNanos()) {
                overrun.incrementAndGet();
            }
        }

        void count() throws InterruptedException {
            counts = true;
            for (int window = 0; window < PERIOD_WINDOWS; window++) {
                int before = all.get();
                long startNanos = System.nanoTime();
                Thread.sleep(WINDOW_MILLIS);
                perPeriod[window] =
                        (double) (all.get() - before) * THREE_TENTHS.periodNanos() / (System.nanoTime() - startNanos);
            }
            counts = false;
        }

        double overrunShare() {
            return (double) overrun.get() / all.get();
        }
    }

    /** Runs the worker under its reservation and counts. */
    private static void count(TestWorker worker, PeriodCount periods) throws InterruptedException {
        // Warm first: a cold worker loads classes and runs interpreted, more in one step than the margin holds.
        // Interpreted,
        // it would not get through so many rounds in time.
        worker.start();
        Await.within(IN_TIME, () -> "the worker is warm", () -> periods.rounds.get() > WARM_ROUNDS);
        ThreadScheduling.applyDeadline(worker.threadId(), THREE_TENTHS);
        int before = periods.seen.get();
        Await.within(IN_TIME, () -> "it keeps its periods", () -> periods.seen.get() > before + 200);
        periods.count();
    }

    /** A period is what lies between two yields. */
    private static void spinMetered(BooleanSupplier stopped, PeriodCount periods) {
        var self = new NativeThread();
        var meter = new BudgetMeter(THREE_TENTHS, self);
        long cpuBeforeNanos = self.cpuTimeNanos();
        while (!stopped.getAsBoolean()) {
            periods.round();
            if (meter.spent(System.nanoTime())) {
                self.yieldUntilNextPeriod();
                meter.yielded(System.nanoTime());
                long cpuNanos = self.cpuTimeNanos();
                periods.add(cpuNanos - cpuBeforeNanos);
                cpuBeforeNanos = cpuNanos;
            }
        }
    }

    /** A period is what lies between two throttlings: gaps in which the thread got no CPU time. */
    private static void spinUnmetered(BooleanSupplier stopped, PeriodCount periods) {
        var self = new NativeThread();
        long throttledNanos = (THREE_TENTHS.periodNanos() - THREE_TENTHS.runtimeNanos()) / 2;
        long cpuBeforeNanos = self.cpuTimeNanos();
        long beforeNanos = System.nanoTime();
        while (!stopped.getAsBoolean()) {
            periods.round();
            long nowNanos = System.nanoTime();
            if (nowNanos - beforeNanos > throttledNanos) {
                long cpuNanos = self.cpuTimeNanos();
                periods.add(cpuNanos - cpuBeforeNanos);
                cpuBeforeNanos = cpuNanos;
                nowNanos = System.nanoTime();
            }
            beforeNanos = nowNanos;
        }
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static void runOn(int cpu) {
        assertThat(SchedulerCalls.setAffinity(NativeThread.currentId(), CpuList.of(cpu)))
                .isZero();
    }

    private TestWorker admitted(TestWorker.Work work) {
        return new TestWorker(partition, work);
    }

    private static void spin(BooleanSupplier stopped) {
        while (!stopped.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    private static void assertRefused(ThrowingCallable call, Rule rule, String... parts) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SchedulingRefusedException.class,
                        refused -> assertThat(refused.rule()).isEqualTo(rule))
                .hasMessageContainingAll(parts);
    }

    @Test
    void shouldSleepToTheMicrosecondsUnderDeadline() throws Exception {
        try (var worker = admitted(_stopped -> {
            var self = new NativeThread();
            for (int i = 0; i < 100; i++) {
                long wakeNanos = System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(200);
                self.sleepUntil(wakeNanos);
                assertThat(System.nanoTime()).isGreaterThanOrEqualTo(wakeNanos);
            }
        })) {
            ThreadScheduling.applyDeadline(worker.threadId(), TENTH);
            worker.start();
            worker.await();
        }
    }
}
