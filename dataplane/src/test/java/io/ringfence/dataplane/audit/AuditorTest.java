package io.ringfence.dataplane.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.journal.JournalRecord;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.IntervalCounter;
import io.ringfence.testing.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AuditorTest {
    private static final Duration INTERVAL = Duration.ofMillis(20);

    private final CountedVm vm = new CountedVm(new GuaranteedTraffic(1_000_000_000, 10, 1_000_000));
    private final List<JournalRecord.Interval> intervals = new CopyOnWriteArrayList<>();

    @Test
    void shouldAccountForEveryFrameInExactlyOneInterval() {
        long frames = 0;
        try (Auditor auditor = new Auditor(INTERVAL, intervals::add)) {
            auditor.watch(vm.vm);
            auditor.start();
            while (intervals.size() < 10) {
                vm.count(Counter.TRANSMITTED_FRAMES, 1);
                frames++;
                LockSupport.parkNanos(50_000);
            }
            int seen = intervals.size();
            Await.until("intervals are recorded", () -> intervals.size() > seen + 1);
        }
        assertThat(intervals.stream()
                        .mapToLong(JournalRecord.Interval::offeredFrames)
                        .sum())
                .isEqualTo(frames);
        assertThat(vm.shown(IntervalCounter.KEPT)).isEqualTo(intervals.size());
        assertThat(vm.shown(IntervalCounter.GUARANTEED_RATE)).isEqualTo(1_000_000_000);
        assertThat(intervals)
                .allSatisfy(
                        interval -> assertThat(interval.lengthNanos()).isGreaterThanOrEqualTo(INTERVAL.toNanos() / 4));
    }

    @Test
    void shouldTellTheWorstLatencyInOneIntervalOnly() {
        try (Auditor auditor = new Auditor(INTERVAL, intervals::add)) {
            auditor.watch(vm.vm);
            auditor.start();
            vm.count(Counter.WORST_LATENCY_NANOS, 5_000_000).count(Counter.TRANSMITTED_FRAMES, 1);
            Await.until("intervals are recorded", () -> intervals.size() > 3);
        }
        assertThat(intervals.stream()
                        .map(JournalRecord.Interval::worstLatencyNanos)
                        .filter(nanos -> nanos > 0))
                .containsExactly(5_000_000L);
        assertThat(vm.shown(IntervalCounter.HOST_FAILED)).isEqualTo(1);
    }

    @Test
    void shouldGoOnWhenTheRecordOfAnIntervalFails() {
        try (Auditor auditor = new Auditor(INTERVAL, interval -> {
            intervals.add(interval);
            if (intervals.size() == 1) {
                throw new IllegalStateException("a bug, to be logged once");
            }
        })) {
            auditor.watch(vm.vm);
            auditor.start();
            Await.until("intervals are recorded", () -> intervals.size() > 3);
        }
    }
}
