package io.ringfence.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.traffic.Assignment;
import io.ringfence.bench.traffic.Endpoint;
import io.ringfence.bench.traffic.FlowCounts;
import io.ringfence.bench.traffic.Report;
import io.ringfence.bench.traffic.Role;
import io.ringfence.bench.traffic.RunPlan;
import io.ringfence.bench.traffic.TrafficProcess;
import io.ringfence.config.MacAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Guests of the generator for a switch under test, each sending to the next one and the last to the first.
 *
 * @param endpoints how they attach
 */
record Stations(List<Endpoint> endpoints) {
    private static final int FRAMES_PER_SECOND = 2_000;
    private static final int ROUNDS = 10;

    /** So many of them, with sockets in this folder. */
    static Stations of(Path folder, int count) {
        return new Stations(IntStream.range(0, count)
                .mapToObj(i -> new Endpoint("guest" + i, mac(i), mac((i + 1) % count), folder.resolve(i + ".sock")))
                .toList());
    }

    private static MacAddress mac(int station) {
        return MacAddress.parse("52:54:00:00:00:%02x".formatted(station + 1));
    }

    List<Path> sockets() {
        return endpoints.stream().map(Endpoint::socket).toList();
    }

    /**
     * Sends streams of short and of long frames in a circle, and asserts that frames arrived intact, in order and once, and
     * nowhere else once the switch has learned. A switch on a busy machine may lose some.
     */
    void shouldDeliverToTheReceiverAndNobodyElse(TrafficProcess generator) {
        for (int lengthBytes : new int[] {64, 1514}) {
            Report report = circle(generator, lengthBytes);
            for (int i = 1; i < ROUNDS && report.schedule().strays() > 0; i++) {
                report = circle(generator, lengthBytes);
            }
            assertThat(report.schedule().strays())
                    .as("frames that reached others, after %d rounds", ROUNDS)
                    .isZero();
            assertThat(report.flows()).allSatisfy(flow -> {
                FlowCounts counts = flow.counts();
                assertThat(counts.received())
                        .as("%s to %s: %s", flow.from(), flow.to(), counts)
                        .isGreaterThan(FRAMES_PER_SECOND / 4);
                assertThat(counts.corrupt() + counts.duplicates() + counts.reordered())
                        .as("%s to %s: %s", flow.from(), flow.to(), counts)
                        .isZero();
            });
        }
    }

    private Report circle(TrafficProcess generator, int lengthBytes) {
        Assignment stream = Assignment.of(new Role.Stream(FRAMES_PER_SECOND, lengthBytes));
        return generator.run(
                RunPlan.of(0.3, 0.5, endpoints.stream().map(ignored -> stream).toList()));
    }

    /** Has one of them send all that its queue takes for a second, the others receive. */
    FlowCounts flood(TrafficProcess generator, int sender, int lengthBytes) {
        List<Assignment> assignments = IntStream.range(0, endpoints.size())
                .mapToObj(i -> Assignment.of(i == sender ? new Role.Flood(lengthBytes) : new Role.Sink()))
                .toList();
        return generator
                .run(RunPlan.of(0.3, 1, assignments))
                .flows()
                .get(sender)
                .counts();
    }
}
