package io.ringfence.bench.calibrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.scheduler.NativeThread;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class StopwatchTest {
    private static final long WORK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final Stopwatch stopwatch = new Stopwatch();

    @Test
    void shouldMeasureTheWorkOfItsThreadHoweverBusyTheHostIs() {
        stopwatch.calibrate();
        stopwatch.start();
        work();
        // Where the kernel gave the CPU to somebody else meanwhile, that is not in it.
        assertThat(stopwatch.stop()).isBetween(WORK_NANOS * 9 / 10, WORK_NANOS * 3);
    }

    @Test
    void shouldReportAnInterruptionAndNotChargeIt() throws InterruptedException {
        stopwatch.calibrate();
        stopwatch.forget();
        stopwatch.start();
        Thread.sleep(100);
        assertThat(stopwatch.stop()).isLessThan(TimeUnit.MILLISECONDS.toNanos(50));
        assertThat(stopwatch.interruptions()).isEqualTo(1);
        assertThat(stopwatch.longestInterruptionNanos()).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(50));
        stopwatch.forget();
        assertThat(stopwatch.interruptions()).isZero();
    }

    @Test
    void shouldMeasureTheCpuTimeOfASleep() throws InterruptedException {
        stopwatch.calibrate();
        stopwatch.start();
        Thread.sleep(100);
        assertThat(stopwatch.stopCpuTime()).isLessThan(TimeUnit.MILLISECONDS.toNanos(50));
    }

    private static void work() {
        NativeThread self = new NativeThread();
        long until = self.cpuTimeNanos() + WORK_NANOS;
        while (self.cpuTimeNanos() < until) {
            Thread.onSpinWait();
        }
    }
}
