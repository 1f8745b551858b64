package io.ringfence.bench.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ringfence.bench.floor.FloorSwitch;
import io.ringfence.bench.traffic.TrafficProcess.Idling;
import io.ringfence.config.MacAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The generator through the plainest of switches, on a machine that may be busy: no figures, but all that is counted. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TrafficProcessTest {
    private static final Assignment SINK = Assignment.of(new Role.Sink());

    @TempDir
    private Path folder;

    private final List<Path> sockets = new ArrayList<>();
    private FloorSwitch joined;

    @BeforeEach
    void open() throws IOException {
        for (String name : new String[] {"a", "b", "c", "d"}) {
            sockets.add(folder.resolve(name + ".sock"));
        }
        joined = FloorSwitch.open(sockets, OptionalInt.empty());
    }

    @AfterEach
    void close() {
        joined.close();
    }

    private static MacAddress mac(int station) {
        return MacAddress.parse("52:54:00:00:00:0" + station);
    }

    /** a sends to b and back, c to d and back. */
    private TrafficProcess start(UnaryOperator<Endpoint> changeOfA) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (int i = 0; i < sockets.size(); i++) {
            String name = sockets.get(i).getFileName().toString().substring(0, 1);
            Endpoint endpoint = new Endpoint(name, mac(i), mac(i ^ 1), sockets.get(i));
            endpoints.add(i == 0 ? changeOfA.apply(endpoint) : endpoint);
        }
        return TrafficProcess.start(endpoints, Idling.YIELD);
    }

    private static Report run(TrafficProcess process, Assignment a, Assignment b, Assignment c, Assignment d) {
        return process.run(RunPlan.of(0.2, 0.5, List.of(a, b, c, d)));
    }

    @Test
    void shouldMeasureEveryFrameOnceBothWays() {
        try (TrafficProcess process = start(UnaryOperator.identity())) {
            Assignment stream = Assignment.of(new Role.Stream(2_000, 64)).whileObserved();
            Assignment longer = Assignment.of(new Role.Stream(2_000, 300)).whileObserved();
            Report report = run(process, stream, stream, longer, longer);
            assertThat(report.flows()).extracting(Report.Flow::to).containsExactly("b", "a", "d", "c");
            assertThat(report.flows()).allSatisfy(flow -> {
                FlowCounts counts = flow.counts();
                assertThat(counts.sent()).as("0.5 s, warm-up excluded").isEqualTo(1_000);
                assertThat(counts)
                        .isEqualTo(new FlowCounts(
                                1_000, 0, counts.late(), 1_000, counts.inTime(), 0, 0, 0, 0, counts.discarded()));
                assertThat(counts.inTime()).isBetween(1L, 1_000L);
                assertThat(flow.latencies().count()).isEqualTo(1_000 - counts.discarded());
                assertThat(flow.histogram().getTotalCount())
                        .isEqualTo(flow.latencies().count());
                assertThat(flow.timeline().stream()
                                .mapToLong(Report.Slice::count)
                                .sum())
                        .isEqualTo(flow.latencies().count());
            });
        }
    }

    @Test
    void shouldSendWhatFloodsOfferAndBeginWhenTold() {
        try (TrafficProcess process = start(endpoint -> endpoint.withDearFrames(40))) {
            Report report = run(
                    process,
                    Assignment.of(new Role.Flood(64, 4_000)).from(0.25),
                    SINK,
                    Assignment.of(new Role.Flood(1518)),
                    SINK);
            FlowCounts paced = report.from("a").counts();
            assertThat(paced.sent() + paced.unsent()).isEqualTo(1_000);
            assertThat(paced.lost()).isZero();
            FlowCounts closed = report.from("c").counts();
            assertThat(closed.sent()).isGreaterThan(2_000);
            assertThat(closed.lost() + closed.corrupt() + closed.duplicates() + closed.reordered())
                    .isZero();
        }
    }

    @Test
    void shouldReceiveNoMoreWhenAGuestWithholdsItsBuffersAndGoOnWhenItPostsThem() {
        try (TrafficProcess process = start(UnaryOperator.identity())) {
            Assignment flood = Assignment.of(new Role.Flood(64));
            Report withheld = run(process, flood, Assignment.of(new Role.Withhold()), flood, SINK);
            assertThat(withheld.from("a").counts().received()).isZero();
            assertThat(withheld.from("c").counts().received()).isGreaterThan(2_000);
            Report posted = run(process, flood, SINK, SINK, SINK);
            assertThat(posted.from("a").counts().received()).isGreaterThan(2_000);
        }
    }

    @Test
    void shouldChangeSessionsAndMemoryTablesWhileOthersGoOn() {
        try (TrafficProcess process = start(UnaryOperator.identity())) {
            Assignment stream = Assignment.of(new Role.Stream(2_000, 64)).whileObserved();
            Report report = run(
                    process,
                    Assignment.of(new Role.Reattach(20)),
                    Assignment.of(new Role.Remap(20)),
                    stream,
                    SINK.whileObserved());
            assertThat(report.operations())
                    .extracting(Report.Operations::station)
                    .containsExactly("a", "b");
            assertThat(report.operations()).allSatisfy(done -> {
                assertThat(done.failures()).isEmpty();
                assertThat(done.count()).isPositive();
            });
            assertThat(report.from("c").counts().lost()).isZero();
            assertThat(run(process, stream, SINK, SINK, SINK).from("a").counts().lost())
                    .as("afterwards the same guests carry traffic again")
                    .isZero();
        }
    }

    @Test
    void shouldSendToAnotherStationForOneRun() {
        try (TrafficProcess process = start(UnaryOperator.identity())) {
            Assignment paced = Assignment.of(new Role.Flood(64, 2_000));
            // The switch of this test knows no addresses: frames for c come out at b, who is not meant.
            Report turned = run(process, paced.towards(mac(2)), SINK, SINK, SINK);
            assertThat(turned.from("a").to()).isEqualTo("c");
            assertThat(turned.from("a").counts().received()).isZero();
            assertThat(turned.schedule().strays()).isPositive();
            Report asBefore = run(process, paced, SINK, SINK, SINK);
            assertThat(asBefore.from("a").to()).isEqualTo("b");
            assertThat(asBefore.from("a").counts().received()).isPositive();
        }
    }

    @Test
    void shouldCountKicks() {
        try (TrafficProcess process = start(UnaryOperator.identity())) {
            Report report = run(process, Assignment.of(new Role.Kicks(1_000)), SINK, SINK, SINK);
            assertThat(report.operations()).singleElement().satisfies(kicks -> {
                assertThat(kicks.station()).isEqualTo("a");
                assertThat(kicks.count()).isBetween(1L, 501L);
            });
        }
    }

    @Test
    void shouldCountOddFramesAndSendSoundOnesAfterwards() {
        try (TrafficProcess process = start(Endpoint::withOffloads)) {
            Report odd = run(process, Assignment.of(new Role.Odd()), SINK, SINK, SINK);
            assertThat(odd.operations()).singleElement().satisfies(sent -> {
                assertThat(sent.station()).isEqualTo("a");
                assertThat(sent.count()).isGreaterThan(2_000);
            });
            assertThat(odd.from("a").counts().sent()).isZero();
            FlowCounts sound = run(process, Assignment.of(new Role.Flood(64, 4_000)), SINK, SINK, SINK)
                    .from("a")
                    .counts();
            assertThat(sound.received()).isPositive();
            assertThat(sound.lost() + sound.corrupt()).isZero();
        }
    }

    @Test
    void shouldMeasureSomeOfAStreamThatIsTooFastToMeasureAllOfIt() {
        try (TrafficProcess process = start(UnaryOperator.identity())) {
            Assignment stream = Assignment.of(new Role.Stream(4_000_000, 64)).whileObserved();
            Report report = run(process, stream, SINK.whileObserved(), SINK, SINK);
            FlowCounts counts = report.from("a").counts();
            long measured = report.from("a").histogram().getTotalCount() + counts.discarded();
            assertThat(counts.received()).isGreaterThan(1_000);
            assertThat(measured)
                    .as("every eighth")
                    .isCloseTo(counts.received() / 8, within(counts.received() / 80 + 1));
        }
    }

    @Test
    void shouldChargeAPollingSwitchForTheRunWhenTheGeneratorWaitsForTheLastFrames() {
        try (TrafficProcess process = start(UnaryOperator.identity())) {
            RunPlan plan = RunPlan.of(0, 0.5, List.of(Assignment.of(new Role.Stream(2_000, 64)), SINK, SINK, SINK));
            // The CPU time of a thread that never sleeps is the clock's.
            Carried carried = Carried.measure(process, plan, System::nanoTime);
            assertThat(carried.report().received()).isEqualTo(1_000);
            assertThat(carried.cpuNanos()).isCloseTo(500_000_000, within(30_000_000L));
            assertThat(carried.perSecond()).isEqualTo(2_000);
        }
    }

    @Test
    void shouldSayWhyWhenTheProcessCannotAttach() {
        Endpoint nowhere = new Endpoint("a", mac(1), mac(2), folder.resolve("missing/x.sock"));
        assertThatThrownBy(() -> TrafficProcess.start(List.of(nowhere), Idling.YIELD))
                .isInstanceOf(TrafficException.class)
                .hasMessageContaining("x.sock");
    }
}
