package io.ringfence.bench.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.demo.Outcome.Phase;
import io.ringfence.scheduler.SchedulingAttributes.Policy;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class VerdictTest {
    private static final Phase ALONE = Samples.phase(false, 20, 0, 40, 44);
    private static final Phase POLLED_ALONE = Samples.phase(false, 1, 0, 2, 3);

    private static List<String> verdict(Policy policy, Phase shared, Phase ringfence) {
        return Verdict.sentences(List.of(
                Samples.outcome(Act.ALONE, policy, ALONE),
                Samples.outcome(Act.SHARED, Policy.OTHER, POLLED_ALONE, shared),
                Samples.outcome(Act.RINGFENCE, policy, ALONE, ringfence)));
    }

    @Test
    void shouldGiveTheThreeLatenciesInOneSentence() {
        List<String> sentences =
                verdict(Policy.DEADLINE, Samples.phase(true, 200, 0, 410, 420), Samples.phase(true, 20, 0, 41, 45));
        assertThat(sentences)
                .first()
                .asString()
                .contains("44 us alone", "420 us beside", "and 45 us", "under Ringfence", "p50: 20 us, 200 us, 20 us");
        assertThat(sentences)
                .anySatisfy(sentence -> assertThat(sentence).contains("cost the victim nothing"))
                .anySatisfy(sentence -> assertThat(sentence).contains("its p99 was 9.3 times"))
                .anySatisfy(sentence -> assertThat(sentence).contains("shared thread was faster: p50 1.0 us"))
                .anySatisfy(sentence -> assertThat(sentence).contains("All 25,000 frames", "intact and in order"))
                .noneSatisfy(sentence -> assertThat(sentence).contains("Disturbed"));
    }

    @Test
    void shouldSayThatTheNeighboursDidCostSomethingWhenActsDifferByMoreThanNoise() {
        assertThat(verdict(Policy.DEADLINE, Samples.phase(true, 200, 0, 410, 420), Samples.phase(true, 20, 0, 60, 65)))
                .anySatisfy(sentence -> assertThat(sentence)
                        .contains("DID cost", "40 us to 44 us alone", "60 us to 65 us beside them"));
    }

    @Test
    void shouldSayOfWhatItComparesThePercentiles() {
        Phase noisy = Samples.phase(true, 20, 0, 41, 45);
        assertThat(verdict(Policy.DEADLINE, noisy, noisy))
                .anySatisfy(sentence -> assertThat(sentence).contains("p99 of most half seconds"));
        assertThat(Verdict.sentences(List.of(
                        Samples.outcome(Act.ALONE, Policy.DEADLINE, Samples.lasting(20, ALONE)),
                        Samples.outcome(Act.SHARED, Policy.OTHER, POLLED_ALONE, noisy),
                        Samples.outcome(Act.RINGFENCE, Policy.DEADLINE, ALONE, noisy))))
                .anySatisfy(sentence -> assertThat(sentence).contains("p99 of most parts of 10.0 s"))
                .noneSatisfy(sentence -> assertThat(sentence).contains("half second"));
    }

    @Test
    void shouldSayThatTheSharedThreadDidBetterWhenItDid() {
        assertThat(verdict(Policy.DEADLINE, Samples.phase(true, 5, 0, 10, 12), Samples.phase(true, 20, 0, 41, 45)))
                .anySatisfy(sentence -> assertThat(sentence).contains("did BETTER", "33 us"));
    }

    @Test
    void shouldClaimNoDifferenceWhenReadingsOverlap() {
        assertThat(verdict(Policy.DEADLINE, Samples.phase(true, 30, 0, 40, 100), Samples.phase(true, 20, 0, 35, 60)))
                .anySatisfy(sentence -> assertThat(sentence).contains("no difference could be seen"));
    }

    @Test
    void shouldPromiseNothingWhenTheKernelReservesNothing() {
        assertThat(verdict(Policy.OTHER, Samples.phase(true, 200, 0, 410, 420), Samples.phase(true, 20, 0, 41, 45)))
                .noneSatisfy(sentence -> assertThat(sentence).contains("nder Ringfence"))
                .anySatisfy(sentence -> assertThat(sentence).contains("not what Ringfence promises"));
    }

    @ParameterizedTest
    @EnumSource
    void shouldSayThatItCouldNotBeToldWhenNoLatencyIsLeftOfAnAct(Act unmeasured) {
        List<String> sentences = withoutLatencies(unmeasured, Samples.unmeasured(false));
        assertThat(sentences)
                .noneSatisfy(sentence -> assertThat(sentence).containsAnyOf("nothing", "Infinity", "NaN", "0.0 us"))
                .anySatisfy(sentence -> assertThat(sentence)
                        .contains(
                                "could not be told",
                                "no latency is left of act %d (every frame met a gap of the generator, or none arrived)"
                                        .formatted(unmeasured.number())));
        assertThat(sentences).first().asString().contains("–");
    }

    @Test
    void shouldStillCompareWhatWasMeasuredWhenNoLatencyIsLeftOfAnAct() {
        assertThat(withoutLatencies(Act.ALONE, POLLED_ALONE))
                .anySatisfy(sentence -> assertThat(sentence).contains("its p99 was 6.5 times"));
        assertThat(withoutLatencies(Act.SHARED, POLLED_ALONE))
                .anySatisfy(sentence -> assertThat(sentence).contains("DID cost the victim something"));
        assertThat(withoutLatencies(Act.SHARED, Samples.unmeasured(false)))
                .anySatisfy(sentence -> assertThat(sentence).contains("the shared thread had p50 –, p99 –"));
    }

    private static List<String> withoutLatencies(Act unmeasured, Phase polledAlone) {
        Phase none = Samples.unmeasured(unmeasured.hasNeighbours());
        return Verdict.sentences(List.of(
                Samples.outcome(Act.ALONE, Policy.DEADLINE, unmeasured == Act.ALONE ? none : ALONE),
                Samples.outcome(
                        Act.SHARED,
                        Policy.OTHER,
                        unmeasured == Act.SHARED ? polledAlone : POLLED_ALONE,
                        unmeasured == Act.SHARED ? none : Samples.phase(true, 200, 0, 410, 420)),
                Samples.outcome(
                        Act.RINGFENCE,
                        Policy.DEADLINE,
                        ALONE,
                        unmeasured == Act.RINGFENCE ? none : Samples.phase(true, 20, 0, 60, 65))));
    }

    @Test
    void shouldCountLosses() {
        assertThat(verdict(Policy.DEADLINE, Samples.phase(true, 200, 20, 410, 420), Samples.phase(true, 20, 0, 41, 45)))
                .anySatisfy(sentence -> assertThat(sentence).contains("NOT SOUND", "20 did not arrive"));
    }
}
