package io.ringfence.dataplane.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.journal.Verdict;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.scheduler.ThreadStatistics;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who has to answer for what: 1000 frames a second are guaranteed, in bursts of 10, within 500 us. */
class JudgementTest {
    private static final long SECOND = 1_000_000_000;
    private static final long LATENCY = 500_000;
    private static final GuaranteedTraffic GUARANTEE = new GuaranteedTraffic(1_000, 10, LATENCY);

    private final CountedVm vm = new CountedVm(GUARANTEE);
    private Reading before = reading(vm, 0);

    private static Reading reading(CountedVm vm, long atNanos) {
        return Reading.of(vm.vm, new ThreadStatistics(atNanos / 8, atNanos / 16, 1), atNanos);
    }

    /** The second that follows. */
    private Audit next() {
        Reading after = reading(vm, before.atNanos() + SECOND);
        Audit audit = new Audit(vm.vm, before, after);
        before = after;
        return audit;
    }

    private Judgement judged() {
        return Judgement.of(next(), false);
    }

    private JudgementTest offers(long frames, long worstLatencyNanos, long mostWaiting) {
        vm.count(Counter.TRANSMITTED_FRAMES, frames)
                .count(Counter.WORST_LATENCY_NANOS, worstLatencyNanos)
                .count(Counter.MOST_WAITING_FRAMES, mostWaiting);
        return this;
    }

    @Test
    void shouldKeepWhenNothingIsOffered() {
        assertThat(judged()).isEqualTo(new Judgement(Verdict.KEPT, null));
    }

    @Test
    void shouldKeepWhenAllThatIsOfferedIsCarriedInTime() {
        assertThat(offers(1_000, LATENCY, 10).judged().verdict()).isEqualTo(Verdict.KEPT);
        assertThat(judged().verdict()).as("the highest values are taken").isEqualTo(Verdict.KEPT);
    }

    @Test
    void shouldKeepWhenTheGuestExceedsItAndAllIsCarriedInTimeNevertheless() {
        assertThat(offers(50_000, LATENCY, 300).judged().verdict()).isEqualTo(Verdict.KEPT);
    }

    @Test
    void shouldKeepWhenOnlyFramesThatNobodyCouldCarryAreDropped() {
        vm.count(Counter.DROPPED_SPOOFED, 400).count(Counter.DROPPED_RUNT, 100);
        assertThat(offers(900, 1_000, 10).judged().verdict()).isEqualTo(Verdict.KEPT);
    }

    @Test
    void shouldCarryNothingOfAFrameThatStandsForManyWhenItIsDropped() {
        vm.count(Counter.DROPPED_SPOOFED, 100)
                .count(Counter.TRANSMITTED_SEGMENTS, 900)
                .count(Counter.DROPPED_SEGMENTS, 900);
        Audit audit = offers(100, 1_000, 10).next();
        assertThat(audit.offered()).isEqualTo(1_000);
        assertThat(audit.carried()).isZero();
        assertThat(Judgement.of(audit, false).verdict()).isEqualTo(Verdict.KEPT);
    }

    @Test
    void shouldBlameTheHostWhenAFrameIsLateThoughTheGuestKeptToItsGuarantee() {
        vm.count(Counter.STALLED_NANOS, 3_000_000).count(Counter.THROTTLES, 2).count(Counter.YIELDS, 7);
        Judgement judgement = offers(1_000, LATENCY + 1_000, 10).judged();
        assertThat(judgement.verdict()).isEqualTo(Verdict.HOST_FAILED);
        assertThat(judgement.why())
                .contains("501 us", "500 us", "stalled for 3000 us", "throttled it 2 times", "spent in 7 periods");
    }

    @Test
    void shouldBlameTheHostWhenTheGuaranteedRateIsNotCarriedHoweverMuchIsOffered() {
        vm.count(Counter.WAITING_FRAMES, 1_000);
        Judgement judgement = offers(500, 10 * LATENCY, 1_000).judged();
        assertThat(judgement.verdict()).isEqualTo(Verdict.HOST_FAILED);
        // Some may still come in time: the burst, and what comes in half a millisecond.
        assertThat(judgement.why()).contains("489 frames");
    }

    @Test
    void shouldBlameTheGuestWhenItOffersMoreThanTheRateAndFramesAreLate() {
        vm.count(Counter.WAITING_FRAMES, 1_000);
        Judgement judgement = offers(9_000, 100 * LATENCY, 1_024).judged();
        assertThat(judgement.verdict()).isEqualTo(Verdict.GUEST_EXCEEDED);
        assertThat(judgement.why()).contains("offered 10000", "1024 at once", "1000 in this time", "10 at once");
    }

    @Test
    void shouldBlameTheGuestWhenItOffersTooMuchAtOnceAndFramesAreLate() {
        assertThat(offers(500, 2 * LATENCY, 200).judged().verdict()).isEqualTo(Verdict.GUEST_EXCEEDED);
    }

    @Test
    void shouldBlameTheHostWhenFramesPiledUpWhileTheWorkerWasStalled() {
        vm.count(Counter.STALLED_NANOS, SECOND / 5);
        assertThat(offers(500, SECOND / 5, 200).judged().verdict()).isEqualTo(Verdict.HOST_FAILED);
    }

    @Test
    void shouldBlameTheGuestWhenFramesAreLateBecauseOfTheSecondBefore() {
        Audit audit = offers(1_000, 2 * LATENCY, 5).next();
        assertThat(Judgement.of(audit, true).verdict()).isEqualTo(Verdict.GUEST_EXCEEDED);
        assertThat(Judgement.of(audit, false).verdict()).isEqualTo(Verdict.HOST_FAILED);
    }

    @ParameterizedTest
    @EnumSource(
            value = Counter.class,
            names = {"DROPPED_NO_RECEIVER", "DROPPED_CONGESTED", "DROPPED_NO_ROOM", "DROPPED_MEMORY_LOST"})
    void shouldNameTheReceiverWhenFramesAreDroppedForItsSake(Counter drop) {
        vm.count(drop, 300);
        Judgement judgement = offers(1_000, 1_000, 10).judged();
        assertThat(judgement.verdict()).isEqualTo(Verdict.RECEIVER_HELD_UP);
        assertThat(judgement.why()).contains("300 frames dropped");
    }

    @Test
    void shouldNameTheReceiverWhenFramesWaitForItTooLong() {
        vm.count(Counter.WORST_HELD_UP_LATENCY_NANOS, LATENCY + 1);
        assertThat(offers(1_000, 1_000, 10).judged().verdict()).isEqualTo(Verdict.RECEIVER_HELD_UP);
    }

    @Test
    void shouldNotCountAgainstAVmWhatItDidNotReceive() {
        vm.count(Counter.DROPPED_DETACHED, 300);
        assertThat(offers(1_000, 1_000, 10).judged().verdict()).isEqualTo(Verdict.KEPT);
    }

    @Test
    void shouldJudgeBySixteenMillisecondsWhenNoLatencyIsGuaranteed() {
        CountedVm slow = new CountedVm(new GuaranteedTraffic(1_000, 10, 0));
        Reading start = reading(slow, 0);
        slow.count(Counter.TRANSMITTED_FRAMES, 995).count(Counter.WORST_LATENCY_NANOS, 16_000_000);
        Reading second = reading(slow, SECOND);
        assertThat(Judgement.of(new Audit(slow.vm, start, second), false).verdict())
                .isEqualTo(Verdict.KEPT);
        slow.count(Counter.TRANSMITTED_FRAMES, 500).count(Counter.WAITING_FRAMES, 500);
        Reading third = reading(slow, 2 * SECOND);
        assertThat(Judgement.of(new Audit(slow.vm, second, third), false).verdict())
                .isEqualTo(Verdict.HOST_FAILED);
        slow.count(Counter.TRANSMITTED_FRAMES, 500)
                .count(Counter.WAITING_FRAMES, -500)
                .count(Counter.MOST_WAITING_FRAMES, 26)
                .count(Counter.WORST_LATENCY_NANOS, 20_000_000);
        Reading fourth = reading(slow, 3 * SECOND);
        Judgement late = Judgement.of(new Audit(slow.vm, third, fourth), false);
        assertThat(late.verdict()).isEqualTo(Verdict.HOST_FAILED);
        assertThat(late.why()).contains("took 20000 us", "no latency is guaranteed", "16000 us");
        slow.count(Counter.TRANSMITTED_FRAMES, 500)
                .count(Counter.MOST_WAITING_FRAMES, 27)
                .count(Counter.WORST_LATENCY_NANOS, 20_000_000);
        assertThat(Judgement.of(new Audit(slow.vm, fourth, reading(slow, 4 * SECOND)), false)
                        .verdict())
                .isEqualTo(Verdict.GUEST_EXCEEDED);
    }

    @Test
    void shouldJudgeNothingWhenNothingIsGuaranteed() {
        CountedVm plain = new CountedVm(GuaranteedTraffic.NONE);
        Reading start = reading(plain, 0);
        plain.count(Counter.TRANSMITTED_FRAMES, 5).count(Counter.WORST_LATENCY_NANOS, 100 * SECOND);
        Audit audit = new Audit(plain.vm, start, reading(plain, SECOND));
        assertThat(Judgement.of(audit, true)).isEqualTo(new Judgement(Verdict.NO_GUARANTEE, null));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void shouldNeverBlameAnybodyWhenAllIsCarriedInTimeAndTheHostOnlyIfNobodyElseCanBe(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 5_000; i++) {
            long taken = random.nextInt(3_000);
            long dropped = random.nextBoolean() ? 0 : random.nextLong(taken + 1);
            long worst = random.nextLong(2 * LATENCY);
            vm.count(Counter.DROPPED_CONGESTED, dropped);
            Judgement judgement = offers(taken, worst, random.nextInt(20)).judged();
            if (dropped == 0 && worst <= LATENCY) {
                assertThat(judgement.verdict()).isEqualTo(Verdict.KEPT);
            } else {
                assertThat(judgement.verdict()).isNotEqualTo(Verdict.KEPT);
                assertThat(judgement.why()).isNotBlank();
            }
            if (judgement.verdict() == Verdict.HOST_FAILED) {
                assertThat(worst).isGreaterThan(LATENCY);
            }
        }
    }

    @Test
    void shouldRecordTheWholeInterval() {
        vm.count(Counter.RECEIVED_FRAMES, 7)
                .count(Counter.DROPPED_SPOOFED, 30)
                .count(Counter.WAITING_FRAMES, 4)
                .count(Counter.STALLS_FROM_2_MS, 1)
                .count(Counter.STALLED_NANOS, 2_500_000)
                .count(Counter.YIELDS, 3);
        Audit audit = offers(100, 40_000, 9).next();
        var entry = audit.record(Instant.EPOCH, Judgement.of(audit, false));
        assertThat(entry.vm()).isEqualTo("alice");
        assertThat(entry.lengthNanos()).isEqualTo(SECOND);
        assertThat(entry.guaranteedFramesPerSecond()).isEqualTo(1_000);
        assertThat(entry.guaranteedLatencyNanos()).isEqualTo(LATENCY);
        assertThat(entry.offeredFrames()).isEqualTo(104);
        assertThat(entry.carriedFrames()).isEqualTo(70);
        assertThat(entry.receivedFrames()).isEqualTo(7);
        assertThat(entry.droppedFrames()).isEqualTo(Map.of("spoofed", 30L));
        assertThat(entry.reservedNanos()).isEqualTo(SECOND / 4);
        assertThat(entry.usedNanos()).isEqualTo(SECOND / 8);
        assertThat(entry.waitedNanos()).isEqualTo(SECOND / 16);
        assertThat(entry.worstLatencyNanos()).isEqualTo(40_000);
        assertThat(entry.yields()).isEqualTo(3);
        assertThat(entry.stalls()).isEqualTo(Map.of("2ms", 1L));
        assertThat(entry.stalledNanos()).isEqualTo(2_500_000);
    }
}
