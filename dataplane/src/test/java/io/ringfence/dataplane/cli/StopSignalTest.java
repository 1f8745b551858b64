package io.ringfence.dataplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(ChildJvm.LeftBehind.class)
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StopSignalTest {
    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void shouldExitWithZeroAfterTheEndWhenSignalled(String signal) throws Exception {
        try (ChildJvm child = ChildJvm.start(Programs.class, "ends-well")) {
            assertThat(child.nextLine()).isEqualTo("waiting");
            child.signal(signal);

            assertThat(child.nextLine()).isEqualTo("ended");
            assertThat(child.exitCode()).isZero();
            assertThat(child.err()).isEmpty();
        }
    }

    @Test
    void shouldExitWithOneAndSayWhyWhenTheEndFails() throws Exception {
        try (ChildJvm child = ChildJvm.start(Programs.class, "fails-to-end")) {
            assertThat(child.nextLine()).isEqualTo("waiting");
            child.signal("TERM");

            assertThat(child.exitCode()).isEqualTo(1);
            assertThat(child.err().lines()).singleElement().asString().contains("a cpuset is busy");
        }
    }

    @Test
    void shouldEndAnywayWhenTheEndHangs() throws Exception {
        try (ChildJvm child = ChildJvm.start(Programs.class, "hangs")) {
            assertThat(child.nextLine()).isEqualTo("waiting");
            child.signal("TERM");

            assertThat(child.nextLine()).isEqualTo("hanging");
            assertThat(child.exitCode()).isEqualTo(1);
            assertThat(child.err()).contains("by force");
        }
    }

    @Test
    void shouldEndAtOnceWhenSignalledTwice() throws Exception {
        try (ChildJvm child = ChildJvm.start(Programs.class, "hangs")) {
            assertThat(child.nextLine()).isEqualTo("waiting");
            child.signal("INT");
            assertThat(child.nextLine()).isEqualTo("hanging");
            child.signal("INT");

            assertThat(child.exitCode()).as("killed by SIGINT").isEqualTo(128 + 2);
        }
    }

    @Test
    void shouldKeepTheExitCodeWhenTheCommandEndsByItself() throws Exception {
        try (ChildJvm child = ChildJvm.start(Programs.class, "ends-by-itself")) {
            assertThat(child.exitCode()).isEqualTo(3);
            assertThat(child.nextLine()).isEqualTo("null");
        }
    }

    @Test
    void shouldShowLibraryWarningsInALineEach() throws Exception {
        try (ChildJvm child = ChildJvm.start(Programs.class, "logs")) {
            assertThat(child.exitCode()).isZero();
            assertThat(child.err().lines())
                    .singleElement()
                    .asString()
                    .matches("\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z some\\.library: warning: two lines");
        }
    }
}
