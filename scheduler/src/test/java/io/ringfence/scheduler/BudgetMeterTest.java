package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetMeterTest {
    private static final Reservation SMALL = new Reservation(60_000, 200_000);
    private static final long SECOND = 1_000_000_000;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void shouldNeverLetTheKernelThrottleWhateverTheWorkerDoes(long seed) {
        var random = new Random(seed);
        for (int round = 0; round < 20; round++) {
            long periodNanos = 100_000L << random.nextInt(7);
            long runtimeNanos = periodNanos * (5 + random.nextInt(80)) / 100;
            long[] drifts = {0, 4096, -4096};
            new Scenario(new Reservation(runtimeNanos, periodNanos), drifts[random.nextInt(3)], random).run(2000);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void shouldNeverLetTheKernelThrottleWhenItSaysWhatIsLeft(long seed) {
        var random = new Random(seed);
        for (int round = 0; round < 20; round++) {
            long periodNanos = 100_000L << random.nextInt(7);
            long runtimeNanos = periodNanos * (5 + random.nextInt(80)) / 100;
            long[] drifts = {0, 4096, -4096};
            var scenario = new Scenario(new Reservation(runtimeNanos, periodNanos), drifts[random.nextInt(3)], random);
            scenario.server.telling();
            scenario.run(2000);
        }
    }

    /** What others leave unused changes at every moment: between the share and all of it is charged. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void shouldNeverLetTheKernelThrottleWhenItChargesLess(long seed) {
        var random = new Random(seed);
        for (int round = 0; round < 20; round++) {
            long periodNanos = 100_000L << random.nextInt(7);
            long runtimeNanos = periodNanos * (5 + random.nextInt(80)) / 100;
            long[] drifts = {0, 4096, -4096};
            var reservation = new Reservation(runtimeNanos, periodNanos, true);
            var scenario = new Scenario(reservation, drifts[random.nextInt(3)], random);
            scenario.server.telling().charging(() -> switch (random.nextInt(3)) {
                case 0 -> 1;
                case 1 -> reservation.share();
                default -> reservation.share() + random.nextDouble() * (1 - reservation.share());
            });
            scenario.run(2000);
        }
    }

    @Test
    void shouldUseWhatOthersLeaveWhenItReclaims() {
        var reservation = new Reservation(440_000, 1_000_000, true);
        // The kernel keeps a twentieth of the CPU back: u_max is 0.95.
        assertThat(usedPart(reservation, reservation.share() / 0.95))
                .as("part of the CPU while all others are idle")
                .isBetween(0.8, 0.95);
        assertThat(usedPart(reservation, 1))
                .as("part of the CPU while all others use theirs")
                .isBetween(0.38, 0.44);
        assertThat(usedPart(reservation.reclaiming(false), 1)).isBetween(0.38, 0.44);
    }

    /** What part of the time a worker runs that always has something to do, in steps of 5 us. */
    private static double usedPart(Reservation reservation, double charge) {
        var server = new SimulatedServer(reservation, 0, SECOND).telling().charging(() -> charge);
        var meter = new BudgetMeter(reservation, server);
        long now = firstYield(meter, server);
        long begin = now;
        long cpuBefore = server.cpuTimeNanos();
        for (int step = 0; step < 200_000; step++) {
            server.run(now, now + 5_000);
            now += 5_000;
            assertThat(server.leftNanos()).isPositive();
            if (meter.spent(now)) {
                now = server.giveUp(now);
                meter.yielded(now);
            }
        }
        return (double) (server.cpuTimeNanos() - cpuBefore) / (now - begin);
    }

    /** A worker that is woken for each frame, at half of its reservation, by kicks whose time it does not know. */
    @Test
    void shouldNotYieldForADoubtThatTheKernelCanSettle() {
        assertThat(needlessYields(false))
                .as("visits of 20,000, without the kernel's word")
                .isGreaterThan(20);
        assertThat(needlessYields(true)).as("the same, with it").isLessThan(5);
    }

    private static int needlessYields(boolean telling) {
        var random = new Random(5);
        var reservation = new Reservation(250_000, 500_000);
        var server = new SimulatedServer(reservation, 0, SECOND);
        if (telling) {
            server.telling();
        }
        var meter = new BudgetMeter(reservation, server);
        long now = firstYield(meter, server);
        int yields = 0;
        for (int visit = 0; visit < 20_000; visit++) {
            server.run(now, now + 3_000);
            now += 3_000;
            if (meter.spentBySleeping(now)) {
                yields++;
                now = server.giveUp(now);
                meter.yielded(now);
            }
            meter.aboutToSleep(now);
            server.run(now, now + 4_000);
            long wakeNanos = now + 4_000 + random.nextLong(60_000);
            server.wake(wakeNanos);
            now = wakeNanos + 2_000 + random.nextLong(4_000);
            server.run(wakeNanos, now);
            meter.wokeUp(now);
            assertThat(server.leftNanos()).isPositive();
        }
        return yields;
    }

    @Test
    void shouldDemandYieldBeforeAnythingElse() {
        var server = new SimulatedServer(SMALL, 0, SECOND);
        var meter = new BudgetMeter(SMALL, server);
        assertThat(meter.spent(SECOND)).isTrue();

        long now = server.giveUp(SECOND);
        meter.yielded(now);
        assertThat(meter.spent(now)).isFalse();
        assertThat(meter.remainingNanos(now)).isEqualTo(48_000);
    }

    @Test
    void shouldNotChargeTheNeighboursTime() {
        var server = new SimulatedServer(SMALL, 0, SECOND);
        var meter = new BudgetMeter(SMALL, server);
        long now = firstYield(meter, server);

        server.run(now, now + 5_000);
        assertThat(meter.spent(now + 100_000)).as("95 of 100 us were not ours").isFalse();
        assertThat(meter.remainingNanos(now + 100_000)).isEqualTo(43_000);
    }

    @Test
    void shouldCarryDebtOverYield() {
        var server = new SimulatedServer(SMALL, 0, SECOND);
        var meter = new BudgetMeter(SMALL, server);
        long now = firstYield(meter, server);
        server.run(now, now + 70_000);
        assertThat(meter.overruns()).isZero();
        assertThat(meter.spent(now + 70_000)).isTrue();

        now = server.giveUp(now + 70_000);
        meter.yielded(now);
        assertThat(meter.overruns()).as("10 us too many, once").isEqualTo(1);
        assertThat(meter.remainingNanos(now))
                .as("60 us less 10 us of debt less the margin")
                .isEqualTo(38_000);
    }

    @Test
    void shouldNotMakeLightWorkerYield() {
        var server = new SimulatedServer(SMALL, 0, SECOND);
        var meter = new BudgetMeter(SMALL, server);
        long now = firstYield(meter, server);
        var random = new Random(42);
        int yields = 0;
        for (int visit = 0; visit < 100_000; visit++) {
            // 7 us of work every 50 us or so, of 60 every 200, woken by kicks at times the meter does not know.
            server.run(now, now + 7_000);
            now += 7_000;
            if (meter.spent(now)) {
                yields++;
                now = server.giveUp(now);
                meter.yielded(now);
            }
            meter.aboutToSleep(now);
            now += 30_000 + random.nextInt(26_000);
            server.wake(now);
            now += random.nextInt(6_000);
            meter.wokeUp(now);
        }
        assertThat(yields).as("premature yields of 100 000 visits").isLessThan(100);
    }

    @Test
    void shouldNotMakeHalfLoadedWorkerYieldForDoubts() {
        var server = new SimulatedServer(SMALL, 0, SECOND);
        var meter = new BudgetMeter(SMALL, server);
        long now = firstYield(meter, server);
        var random = new Random(7);
        int yields = 0;
        int needed = 0;
        for (int visit = 0; visit < 100_000; visit++) {
            // 5 to 13 us of work at irregular times: 15 % of the CPU, of 30 reserved, but sometimes close together.
            long work = 5_000L + random.nextInt(8_000);
            server.run(now, now + work);
            now += work;
            if (meter.spent(now)) {
                yields++;
                needed += server.leftNanos() < 25_000 ? 1 : 0;
                now = server.giveUp(now);
                meter.yielded(now);
            }
            meter.aboutToSleep(now);
            now += random.nextInt(100_000);
            server.wake(now);
            now += random.nextInt(8_000);
            meter.wokeUp(now);
        }
        assertThat(yields - needed)
                .as("yields of 100 000 visits that the kernel's server did not call for")
                .isLessThan(1_300); // 7431 when a doubtful replenishment counted as none
    }

    @Test
    void shouldGrantFullBudgetAfterLongIdleness() {
        var server = new SimulatedServer(SMALL, 0, SECOND);
        var meter = new BudgetMeter(SMALL, server);
        long now = firstYield(meter, server);
        server.run(now, now + 40_000);
        meter.aboutToSleep(now + 40_000);

        meter.wokeUp(now + SECOND);
        assertThat(meter.remainingNanos(now + SECOND)).isEqualTo(48_000);
    }

    @Test
    void shouldChargeWhatSleepingTakes() {
        var server = new SimulatedServer(SMALL, 0, SECOND);
        var meter = new BudgetMeter(SMALL, server);
        long now = firstYield(meter, server);
        meter.aboutToSleep(now);
        server.run(now, now + 4_000);
        server.run(now + 5_000, now + 9_000);

        meter.wokeUp(now + 5_000, now + 9_000);
        assertThat(meter.remainingNanos(now + 9_000)).isEqualTo(40_000);
        server.run(now + 9_000, now + 43_000);
        assertThat(meter.spent(now + 43_000)).isFalse();
        assertThat(meter.spentBySleeping(now + 43_000))
                .as("6 us are left, and a sleep takes 8")
                .isTrue();
    }

    @Test
    void shouldChargeTheWayBackFromYieldToTheNewPeriod() {
        var server = new SimulatedServer(SMALL, 0, SECOND);
        var meter = new BudgetMeter(SMALL, server);
        long now = firstYield(meter, server);
        server.run(now, now + 48_000);
        assertThat(meter.spent(now + 48_000)).isTrue();

        now = server.giveUp(now + 48_000);
        server.run(now, now + 7_000);
        meter.yielded(now + 7_000);
        assertThat(meter.remainingNanos(now + 7_000)).isEqualTo(41_000);
    }

    private static long firstYield(BudgetMeter meter, SimulatedServer server) {
        assertThat(meter.spent(SECOND)).isTrue();
        long now = server.giveUp(SECOND);
        meter.yielded(now);
        return now;
    }

    @Test
    void shouldRefuseMarginThatLeavesNothing() {
        assertThatThrownBy(() -> new BudgetMeter(SMALL, 60_000, () -> 0)).hasMessageContaining("margin is 60000 ns");
    }

    @Test
    void shouldNotAllocate() {
        var thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        var self = new NativeThread();
        var meter = new BudgetMeter(new Reservation(300_000, 1_000_000), self);
        meter.yielded(System.nanoTime());
        // The calls themselves allocate until they are compiled: the least of some rounds counts.
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 10; round++) {
            long before = thread.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 2_000; i++) {
                visit(meter, self);
            }
            least = Math.min(least, thread.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least)
                .as("bytes in 2 000 visits; reading the counter itself takes a few")
                .isLessThan(400);
    }

    private static void visit(BudgetMeter meter, NativeThread self) {
        if (meter.spent(System.nanoTime())) {
            self.yieldUntilNextPeriod();
            meter.yielded(System.nanoTime());
        }
        meter.spentBySleeping(System.nanoTime());
        meter.aboutToSleep(System.nanoTime());
        self.sleepUntil(System.nanoTime() + 1_000);
        meter.wokeUp(System.nanoTime());
    }

    /** A worker that works, sleeps and is preempted at random, as far as EDF lets others preempt it. */
    private static final class Scenario {
        private final Reservation reservation;
        private final Random random;
        private final SimulatedServer server;
        private final BudgetMeter meter;
        private long now = SECOND;

        Scenario(Reservation reservation, long driftDivisor, Random random) {
            this.reservation = reservation;
            this.random = random;
            this.server = new SimulatedServer(reservation, driftDivisor, now);
            this.meter = new BudgetMeter(reservation, server);
        }

        void run(int visits) {
            assertThat(meter.spent(now)).as("a new meter demands a yield").isTrue();
            yieldNow();
            for (int visit = 0; visit < visits; visit++) {
                work();
                sleep();
            }
        }

        private void work() {
            int batches = random.nextInt(4) == 0 ? 200 : random.nextInt(5);
            for (int batch = 0; batch < batches; batch++) {
                if (meter.spent(now)) {
                    yieldNow();
                }
                long end = now + 1 + random.nextLong(BudgetMeter.defaultMarginNanos(reservation) / 2);
                server.run(now, end);
                now = end;
                assertThat(server.leftNanos())
                        .as("runtime left of %s", reservation)
                        .isPositive();
                if (random.nextInt(3) == 0) {
                    now += random.nextLong(server.laxityNanos(now) + 1);
                }
            }
        }

        private void yieldNow() {
            passThroughKernel();
            now = server.giveUp(now);
            now += random.nextLong(server.laxityNanos(now) + 1);
            passThroughKernel();
            meter.yielded(now);
            assertThat(meter.spent(now)).as("starved after a yield").isFalse();
        }

        private void sleep() {
            if (meter.spentBySleeping(now)) {
                yieldNow();
            }
            meter.aboutToSleep(now);
            passThroughKernel();
            if (random.nextInt(8) == 0) {
                // A poll that finds something at once: the thread never left the CPU, and the kernel begins no period.
                meter.wokeUp(now);
                return;
            }
            long wakeNanos = now + random.nextLong(reservation.periodNanos() * (1 + random.nextInt(3)));
            server.wake(wakeNanos);
            now = wakeNanos + random.nextLong(server.laxityNanos(wakeNanos) + 1);
            passThroughKernel();
            if (random.nextBoolean()) {
                meter.wokeUp(wakeNanos, now);
            } else {
                meter.wokeUp(now);
            }
        }

        /** Half of a sleep or a yield: CPU time that the worker's own wall clock does not see. */
        private void passThroughKernel() {
            long end = now + random.nextLong(BudgetMeter.defaultMarginNanos(reservation) / 4);
            server.run(now, end);
            now = end;
            assertThat(server.leftNanos()).as("runtime left of %s", reservation).isPositive();
        }
    }
}
