package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BudgetMeterTest {
    private static final Reservation SMALL = new Reservation(60_000, 200_000);
    private static final long SECOND = 1_000_000_000;

    private final SimulatedServer server = new SimulatedServer(SMALL, 0, SECOND);
    private final BudgetMeter meter = new BudgetMeter(SMALL, server);

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
        assertThat(meter.spent(SECOND)).isTrue();

        long now = server.giveUp(SECOND);
        meter.yielded(now);
        assertThat(meter.spent(now)).isFalse();
        assertThat(meter.remainingNanos(now)).isEqualTo(48_000);
    }

    @Test
    void shouldNotChargeTheNeighboursTime() {
        long now = firstYield(meter, server);

        server.run(now, now + 5_000);
        assertThat(meter.spent(now + 100_000)).as("95 of 100 us were not ours").isFalse();
        assertThat(meter.remainingNanos(now + 100_000)).isEqualTo(43_000);
    }

    @Test
    void shouldCarryDebtOverYield() {
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
        long now = firstYield(meter, server);
        server.run(now, now + 40_000);
        meter.aboutToSleep(now + 40_000);

        meter.wokeUp(now + SECOND);
        assertThat(meter.remainingNanos(now + SECOND)).isEqualTo(48_000);
    }

    @Test
    void shouldChargeWhatSleepingTakes() {
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
}
