package io.ringfence.config;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.Test;

class LimitChecksTest {
    @Test
    void shouldProposeABurstWhenALimitMayHaveIt() {
        refused(16_384, "rate: 1kpps").withMessageContaining("add `burst: 16384` to the limit, or lower the guarantee");
        accept(16_384, "rate: 1kpps, burst: 16384");
    }

    @Test
    void shouldProposeNoBurstWhenItIsMoreThanALimitMayHave() {
        refused(20_000, "rate: 1kpps")
                .withMessageContaining("raise the limit, or lower the guarantee")
                .withMessageNotContaining("add `burst");
        accept(20_000, "rate: 2Mpps");
    }

    @Test
    void shouldProposeToLeaveTheBurstOutWhenNoneIsLargeEnough() {
        refused(20_000, "rate: 2Mpps, burst: 16384")
                .withMessageContaining("lower the guarantee, or leave `burst` out of a limit that is high enough");
        refused(16_384, "rate: 2Mpps, burst: 64").withMessageContaining("raise the limit or lower the guarantee");
    }

    private static ThrowableAssertAlternative<ConfigurationException> refused(int guaranteedBurst, String limit) {
        return assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> Configuration.parse(text(guaranteedBurst, limit), "f.yaml"));
    }

    private static void accept(int guaranteedBurst, String limit) {
        assertThatCode(() -> Configuration.parse(text(guaranteedBurst, limit), "f.yaml"))
                .doesNotThrowAnyException();
    }

    private static String text(int guaranteedBurst, String limit) {
        return Examples.minimalWith(
                "reservation: { runtime: 100us, period: 500us }",
                "guarantee: { rate: 1kpps, burst: %d }\n    limit: { %s }".formatted(guaranteedBurst, limit));
    }
}
