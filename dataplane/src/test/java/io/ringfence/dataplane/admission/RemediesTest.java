package io.ringfence.dataplane.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.config.ConfigurationException;
import org.junit.jupiter.api.Test;

class RemediesTest {
    private static PlannedVm alice() throws ConfigurationException {
        return Plans.plan("1", "alice reservation: { runtime: 20us, period: 1ms }")
                .vms()
                .getFirst();
    }

    @Test
    void shouldProposeNoRuntimeWhenWhatIsLeftIsLessThanOneMayBe() throws ConfigurationException {
        assertThat(Remedies.toFit(alice(), 0.005)).isEmpty();
        assertThat(Remedies.toFit(alice(), 0.0099)).isEmpty();
    }

    @Test
    void shouldProposeTheLeastRuntimeWhenItIsLeft() throws ConfigurationException {
        assertThat(Remedies.toFit(alice(), 0.01)).containsExactly("`runtime: 10us` instead of `20us`");
    }
}
