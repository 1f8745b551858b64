package io.ringfence.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

class RequirementTest {
    private static final List<String> LACKING = List.of("needs a peer, install with: apt-get install dpdk");

    @Test
    void shouldRunTestsWhenTheyLackNothing() {
        assertThat(Requirement.condition("SomeIT", List.of(), true).isDisabled())
                .isFalse();
        assertThatCode(() -> Requirement.of(true, "needs nothing", true)).doesNotThrowAnyException();
    }

    @Test
    void shouldSkipTestsWithTheRemedyWhenTheyLackSomething() {
        var result = Requirement.condition("SomeIT", LACKING, false);

        assertThat(result.isDisabled()).isTrue();
        assertThat(result.getReason())
                .hasValueSatisfying(reason -> assertThat(reason).contains("SomeIT", "apt-get install dpdk"));
    }

    @Test
    void shouldFailTestsInCiWhenTheyLackSomething() {
        assertThatThrownBy(() -> Requirement.condition("SomeIT", LACKING, true))
                .hasMessageContainingAll("SomeIT", "apt-get install dpdk", "CI=true");
    }

    @Test
    void shouldNameTheTestWhenItIsSkipped() {
        assertThatThrownBy(() -> Requirement.of(false, "needs two moons", false))
                .isInstanceOf(TestAbortedException.class)
                .hasMessageContainingAll("SKIPPED: RequirementTest.shouldNameTheTestWhenItIsSkipped needs two moons");
    }

    @Test
    void shouldFailASingleTestInCiOnlyWhereCiCanHaveWhatItLacks() {
        assertThatThrownBy(() -> Requirement.of(false, "needs two moons", true))
                .isInstanceOf(AssertionError.class)
                .hasMessageContainingAll("RequirementTest.", "needs two moons", "CI=true");
        assertThatThrownBy(() -> Requirement.ofKernel(false, "needs another kernel"))
                .isInstanceOf(TestAbortedException.class);
    }
}
