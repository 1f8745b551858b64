package io.ringfence.bench.scale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringfence.bench.floor.FloorSwitch;
import io.ringfence.bench.traffic.Assignment;
import io.ringfence.bench.traffic.Endpoint;
import io.ringfence.bench.traffic.Report;
import io.ringfence.bench.traffic.Role;
import io.ringfence.bench.traffic.TrafficProcess;
import io.ringfence.config.MacAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class BackgroundTrafficTest {
    private static final MacAddress A = MacAddress.parse("52:54:00:00:00:01");
    private static final MacAddress B = MacAddress.parse("52:54:00:00:00:02");
    private static final List<Assignment> STREAM =
            List.of(Assignment.of(new Role.Stream(1_000, 64)), Assignment.of(new Role.Sink()));

    @TempDir
    private Path folder;

    private FloorSwitch joined;
    private boolean switching;
    private TrafficProcess generator;

    @BeforeEach
    void open() throws IOException {
        List<Path> sockets = List.of(folder.resolve("a.sock"), folder.resolve("b.sock"));
        joined = FloorSwitch.open(sockets, OptionalInt.empty());
        switching = true;
        generator = TrafficProcess.start(
                List.of(new Endpoint("a", A, B, sockets.get(0)), new Endpoint("b", B, A, sockets.get(1))),
                TrafficProcess.Idling.YIELD);
    }

    @AfterEach
    void close() {
        generator.close();
        closeSwitch();
    }

    private void closeSwitch() {
        if (switching) {
            switching = false;
            joined.close();
        }
    }

    @Test
    void shouldCountWhatIsLostBesideItWhenASwitchFailsAsSoonAsItHasBegun() {
        BackgroundTraffic traffic = BackgroundTraffic.start(generator, 2, STREAM);
        closeSwitch();
        Report report = traffic.end();

        assertThat(report.sent()).isPositive();
        assertThat(report.received()).as("before the switch was closed").isPositive();
        assertThat(report.sent() - report.received())
                .as("that it was closed while frames counted")
                .isPositive();
    }

    @Test
    void shouldFailWhenItEndsBeforeWhatHappensBesideIt() throws InterruptedException {
        BackgroundTraffic traffic = BackgroundTraffic.start(generator, 0.3, STREAM);
        TimeUnit.MILLISECONDS.sleep(300);

        assertThatThrownBy(traffic::end)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the traffic 0.3 s");
    }
}
