package io.ringfence.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class RequiresPeersTest {
    private static final List<String> FINDINGS = List.of("dpdk-testpmd not found, install with: apt-get install dpdk");

    @Test
    void shouldRunWhenNothingIsMissing() {
        assertThat(RequiresPeersCondition.decide("SomeIT", List.of(), false).isDisabled())
                .isFalse();
    }

    @Test
    void shouldSkipWithTheRemedyWhenSomethingIsMissing() {
        var result = RequiresPeersCondition.decide("SomeIT", FINDINGS, false);

        assertThat(result.isDisabled()).isTrue();
        assertThat(result.getReason())
                .hasValueSatisfying(reason -> assertThat(reason).contains("apt-get install dpdk"));
    }

    @Test
    void shouldFailWhenSomethingIsMissingInCi() {
        assertThatThrownBy(() -> RequiresPeersCondition.decide("SomeIT", FINDINGS, true))
                .hasMessageContaining("SomeIT")
                .hasMessageContaining("apt-get install dpdk");
    }
}
