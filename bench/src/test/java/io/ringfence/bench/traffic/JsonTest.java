package io.ringfence.bench.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringfence.config.MacAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonTest {
    @Test
    void shouldReadBackReportsWithTheirHistograms() {
        Histogram histogram = new Histogram(3);
        histogram.recordValueWithCount(7_300, 990);
        histogram.recordValueWithCount(41_000, 10);
        Report report = new Report(
                true,
                1.25,
                List.of(new Report.Flow(
                        "a",
                        "b",
                        new FlowCounts(1, 2, 3, 4, 4, 5, -6, 7, 8, 9),
                        Latencies.of(histogram),
                        histogram,
                        List.of(new Report.Slice(0.001, 20, 7_000, 8_000, 9_000)))),
                List.of(new Report.Operations("c", 12, List.of("back-end closed the session"))),
                new Schedule(45_000, 2, 10));
        String line = Json.MAPPER.writeValueAsString(report);
        assertThat(line).doesNotContain("\n");
        assertThat(Json.MAPPER.readValue(line, Report.class)).isEqualTo(report);
    }

    private static Stream<Role> roles() {
        return Stream.of(
                new Role.Stream(20_000, 1518),
                new Role.Flood(64),
                new Role.Flood(64, 1_000_000),
                new Role.Sink(),
                new Role.Withhold(),
                new Role.Odd(),
                new Role.Kicks(0),
                new Role.Reattach(5),
                new Role.Remap(10));
    }

    @ParameterizedTest
    @MethodSource("roles")
    void shouldReadBackPlansWithEveryRole(Role role) {
        RunPlan plan =
                RunPlan.of(0.5, 2, List.of(Assignment.of(role).whileObserved().from(1)));
        assertThat(Json.MAPPER.readValue(Json.MAPPER.writeValueAsString(plan), RunPlan.class))
                .isEqualTo(plan);
    }

    @Test
    void shouldReadBackEndpointsWithTheirQueues() {
        Endpoint endpoint = new Endpoint(
                        "a",
                        MacAddress.parse("02:00:00:00:00:01"),
                        MacAddress.parse("02:00:00:00:00:02"),
                        Path.of("/tmp/x,y \"z\""))
                .withDearFrames(250)
                .withOneByteDescriptors(128);
        assertThat(Json.MAPPER.readValue(Json.MAPPER.writeValueAsString(endpoint), Endpoint.class))
                .isEqualTo(endpoint);
        Endpoint large = endpoint.withLargeFrames().withListening().withPackedRings();
        assertThat(Json.MAPPER.readValue(Json.MAPPER.writeValueAsString(large), Endpoint.class))
                .isEqualTo(large);
    }

    @ParameterizedTest
    @ValueSource(ints = {59, 1519, -1})
    void shouldRefuseRolesWithFramesThatThereAreNot(int lengthBytes) {
        assertThatThrownBy(() -> new Role.Flood(lengthBytes)).hasMessageContaining("expected 60 to 1518");
    }
}
