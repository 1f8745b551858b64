package io.ringfence.bench.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.isolation.IsolationResult.Measured;
import io.ringfence.bench.isolation.IsolationResult.Pair;
import io.ringfence.bench.isolation.IsolationResult.Round;
import io.ringfence.bench.isolation.IsolationResult.VariantResult;
import io.ringfence.bench.report.TextReport;
import io.ringfence.dataplane.cost.HostIdentity;
import java.time.Instant;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

final class PeerComparisonTest {
    private static Measured run(long nanos, String... disturbances) {
        return Samples.run(1_000, 0, Samples.latencies(1_000, nanos), disturbances);
    }

    private static VariantResult system(Variant variant, Pair... pairs) {
        return new VariantResult(variant, List.of(new Round(List.of(pairs), List.of(), "")));
    }

    private static String text(VariantResult... systems) {
        IsolationResult result = new IsolationResult(
                Instant.EPOCH,
                new HostIdentity("cpu", "6.18", "jvm", List.of(), "1"),
                1,
                0.5,
                20_000,
                List.of(systems));
        return TextReport.of(PeerComparison.of(result, List.of(Aggressor.DEAR, Aggressor.AIMED)));
    }

    @Test
    void shouldPrintAPeerThatIsBetterLikeOneThatIsWorse() {
        String text = text(
                system(
                        Variant.DEADLINE,
                        new Pair(Aggressor.DEAR, run(100_000), run(120_000)),
                        new Pair(Aggressor.AIMED, run(100_000), run(110_000))),
                system(
                        Variant.OVS,
                        new Pair(Aggressor.DEAR, run(2_000), run(240_000)),
                        new Pair(Aggressor.AIMED, run(2_000), run(10_000, "steal"))));

        assertThat(text)
                .containsPattern("alone +100 / 100 / 100 +2.00 / 2.00 / 2.00")
                .containsPattern("alone +50.0 / 50.0 / 50.0")
                .containsPattern("dear +120 / 120 / 120 +240 / 240 / 240")
                .containsPattern("dear +0.50 / 0.50 / 0.50")
                .containsPattern("aimed +110 / 110 / 110 +10.0 / 10.0 / 10.0 \\*")
                .containsPattern("aimed +11.0 / 11.0 / 11.0")
                .containsPattern("dear +120 to 240 met +120 to 240 met")
                .doesNotContainPattern("aimed.*(met|MISSED)");
    }

    @Test
    void shouldSayByHowMuchAPollingThreadWinsWhereItShouldNot() {
        assertThat(text(
                        system(Variant.DEADLINE, new Pair(Aggressor.DEAR, run(100_000), run(120_000))),
                        system(Variant.OVS, new Pair(Aggressor.DEAR, run(2_000), run(60_000)))))
                .containsPattern("dear +120 to 60.0 MISSED, 2.00 times as long");
    }

    @Test
    void shouldMissWhenTheVictimsFramesWereLost() {
        Measured lossy = Samples.run(1_000, 600, Samples.latencies(400, 1_000));
        VariantResult ours = system(Variant.DEADLINE, new Pair(Aggressor.DEAR, run(100_000), lossy));

        assertThat(text(ours, system(Variant.OVS, new Pair(Aggressor.DEAR, run(2_000), run(240_000)))))
                .containsPattern("dear +∞ to 240 MISSED +∞ to 240 MISSED");
        assertThat(text(ours, system(Variant.OVS, new Pair(Aggressor.DEAR, run(2_000), lossy))))
                .containsPattern("dear +∞ to ∞ MISSED")
                .containsPattern("dear +– / – / –")
                .doesNotContain("NaN");
    }

    @Test
    void shouldMarkAVerdictWhenOneSideHadNoCalmRun() {
        VariantResult ours = system(Variant.DEADLINE, new Pair(Aggressor.DEAR, run(100_000), run(120_000)));
        assertThat(text(ours, system(Variant.OVS, new Pair(Aggressor.DEAR, run(2_000), run(240_000, "steal")))))
                .containsPattern("dear +120 to 240 met \\* +120 to 240 met \\*")
                .contains("no calm round");
        assertThat(text(ours, system(Variant.OVS, new Pair(Aggressor.DEAR, run(2_000, "steal"), run(240_000)))))
                .containsPattern("dear +120 to 240 met +120 to 240 met")
                .doesNotContain("no calm round");
    }

    @Test
    void shouldTellWhatCannotBeFromWhatWasNotSeen() {
        String text = text(
                system(Variant.DEADLINE, new Pair(Aggressor.AIMED, run(100_000), run(110_000))),
                system(Variant.DPDK, new Pair(Aggressor.DEAR, run(2_000), Samples.run(1_000, 0, new Histogram(3)))));

        assertThat(text).containsPattern("dear +– +–").containsPattern("aimed +110 / 110 / 110 +n/a");
    }

    @Test
    void shouldBeSilentWhenNoOtherSwitchWasMeasured() {
        assertThat(text(
                        system(Variant.DEADLINE, new Pair(Aggressor.DEAR, run(100_000), run(120_000))),
                        new VariantResult(Variant.OVS, List.of(new Round(List.of(), List.of(), "skipped")))))
                .isEmpty();
    }
}
