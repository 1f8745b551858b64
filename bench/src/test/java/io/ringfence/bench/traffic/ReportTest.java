package io.ringfence.bench.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringfence.config.MacAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReportTest {
    @Test
    void shouldReadBackWhatItWrote() {
        Report report = new Report(
                true,
                1.25,
                List.of(
                        new Report.Flow("a", new FlowCounts(1, 2, 3, -4, 5, 6), new Latencies(7, 8, 9, 10, 11)),
                        new Report.Flow("b", FlowCounts.NONE, new Latencies(0, 0, 0, 0, 0))));
        assertThat(Report.parse(report.toLine())).isEqualTo(report);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "whole", "whole x", "half 1.0", "whole 1.0 | a 1 2", "whole 1.0 | a 1 2 3 4 5 6 7 8 9 x 11"})
    void shouldQuoteTheLineWhenItIsNoReport(String line) {
        assertThatThrownBy(() -> Report.parse(line)).hasMessageContaining("not a traffic report: \"" + line + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"requests:20000:64", "echo", "flood:1518", "sink"})
    void shouldReadRolesAsTheyAreWritten(String word) {
        assertThat(Role.parse(word)).hasToString(word);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "echo:1", "flood", "flood:59", "flood:x", "requests:0:64", "requests:1"})
    void shouldRefuseRolesThatThereAreNot(String word) {
        assertThatThrownBy(() -> Role.parse(word)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldReadEndpointsWhenTheSocketHasAComma() {
        Endpoint endpoint = new Endpoint(
                "a", MacAddress.parse("02:00:00:00:00:01"), MacAddress.parse("02:00:00:00:00:02"), Path.of("/tmp/x,y"));
        assertThat(Endpoint.parse(endpoint.toString())).isEqualTo(endpoint);
    }
}
