package io.ringfence.dataplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ChildJvmTest {
    @Test
    void shouldBeKilledAfterATestThatHasNotClosedIt() throws Exception {
        ChildJvm child = ChildJvm.start(Programs.class, "ends-well");
        assertThat(child.nextLine()).isEqualTo("waiting");

        ChildJvm.closeAll();

        assertThat(child.exitCode()).isEqualTo(128 + 9);
    }
}
