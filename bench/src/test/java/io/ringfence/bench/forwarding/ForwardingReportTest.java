package io.ringfence.bench.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.forwarding.ForwardingResult.Cell;
import io.ringfence.bench.forwarding.ForwardingResult.Latency;
import io.ringfence.bench.forwarding.ForwardingResult.SystemResult;
import io.ringfence.bench.report.Block;
import io.ringfence.bench.report.HtmlReport;
import io.ringfence.bench.report.TextReport;
import io.ringfence.bench.traffic.FlowCounts;
import io.ringfence.bench.traffic.Json;
import io.ringfence.bench.traffic.LargeFrame;
import io.ringfence.dataplane.cost.HostIdentity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

final class ForwardingReportTest {
    private static final double SHARE = 0.45;

    /** Both systems at the given millions of frames, by round; the peer's second round is disturbed. */
    private static ForwardingResult result(List<Double> ours, List<Double> theirs) {
        return new ForwardingResult(
                Instant.EPOCH,
                new HostIdentity("cpu", "6.18", "jvm", List.of(), "1"),
                ours.size(),
                1,
                SHARE,
                List.of(
                        new SystemResult(new Candidate(Contender.RINGFENCE, Rings.SPLIT), rounds(ours, -1), List.of()),
                        new SystemResult(
                                new Candidate(Contender.DPDK_VHOST, Rings.SPLIT), rounds(theirs, 1), List.of())),
                List.of("Open vSwitch with DPDK: skipped"));
    }

    private static List<List<Cell>> rounds(List<Double> megaFrames, int disturbed) {
        List<List<Cell>> rounds = new ArrayList<>();
        for (int round = 0; round < megaFrames.size(); round++) {
            List<Cell> cells = new ArrayList<>();
            for (Load load : Load.values()) {
                cells.add(new Cell(
                        load,
                        64,
                        megaFrames.get(round) * 1e6,
                        load == Load.CLOSED_LOOP ? -1 : 0.001,
                        120,
                        round == disturbed ? List.of("the hypervisor took CPUs away for 10 ms") : List.of()));
            }
            rounds.add(cells);
        }
        return rounds;
    }

    private static String line(String text, String start) {
        return text.lines().filter(line -> line.startsWith(start)).findFirst().orElseThrow();
    }

    @Test
    void shouldPrintAMissedTargetLikeOneThatWasReached() {
        String text = TextReport.of(ForwardingReport.of(result(List.of(6.0, 5.0, 7.0), List.of(4.0, 5.0, 8.0))));
        assertThat(line(text, "two ways, closed loop of testpmd  "))
                .as("round by round")
                .contains("1.19", "0.88", "1.50", "2/3");
        assertThat(text)
                .as("six and six million frames, for the same CPU time")
                .contains("1.1, MISSED", "1.25, MISSED")
                .doesNotContain(", met");
        String reached = TextReport.of(ForwardingReport.of(result(List.of(8.0, 8.0, 8.0), List.of(4.0, 5.0, 8.0))));
        assertThat(reached).contains("1.1, met", "1.25, MISSED").doesNotContain("1.1, MISSED");
    }

    @Test
    void shouldMarkAVerdictWhenOneSideHadNoCalmRound() {
        ForwardingResult calm = result(List.of(8.0), List.of(4.0));
        assertThat(TextReport.of(ForwardingReport.of(calm)))
                .contains("1.1, met")
                .doesNotContain("met *", "no calm round");
        ForwardingResult disturbed = new ForwardingResult(
                calm.startedAt(),
                calm.host(),
                1,
                1,
                SHARE,
                List.of(
                        calm.systems().getFirst(),
                        new SystemResult(
                                new Candidate(Contender.DPDK_VHOST, Rings.SPLIT), rounds(List.of(4.0), 0), List.of())),
                List.of());
        assertThat(TextReport.of(ForwardingReport.of(disturbed)))
                .contains("1.1, met *", "1.25, MISSED *", "* at least one of the two had no calm round");
    }

    @Test
    void shouldSayHowManyRoundsWereCalm() {
        String text = TextReport.of(ForwardingReport.of(result(List.of(6.0, 5.0, 7.0), List.of(4.0, 9.0, 8.0))));
        assertThat(line(text, "Ringfence  ")).contains("6.00", "5.00", "7.00", "3/3");
        assertThat(line(text, "DPDK vhost PMD  ")).contains("6.00", "4.00", "8.00", "2/3");
        assertThat(text).contains("0.100 %", "8.33");
    }

    @Test
    void shouldSayWhatWasSkippedAndCompareByCpuTimeToo() {
        String text = TextReport.of(ForwardingReport.of(result(List.of(6.0), List.of(4.0))));
        assertThat(text).contains("Open vSwitch with DPDK: skipped");
        assertThat(line(text, "Ringfence to DPDK vhost PMD  ")).contains("per CPU second used");
    }

    @Test
    void shouldGoToAPageAndToJson() {
        ForwardingResult result = result(List.of(6.0, 5.0), List.of(4.0, 9.0));
        assertThat(HtmlReport.of(ForwardingReport.TITLE, ForwardingReport.of(result)))
                .contains("Frames of 64 bytes", "round by round");
        assertThat(Json.MAPPER.readValue(Json.MAPPER.writeValueAsString(result), ForwardingResult.class))
                .isEqualTo(result);
    }

    @Test
    void shouldHaveTargetsForLargeFramesOnlyWhereTheyWereMeasured() {
        SystemResult ours =
                new SystemResult(new Candidate(Contender.RINGFENCE, Rings.SPLIT), List.of(large(300_000)), List.of());
        SystemResult dpdk =
                new SystemResult(new Candidate(Contender.DPDK_VHOST, Rings.SPLIT), List.of(large(100_000)), List.of());
        SystemResult ovs =
                new SystemResult(new Candidate(Contender.OVS, Rings.SPLIT), List.of(large(250_000)), List.of());
        SystemResult bridge =
                new SystemResult(new Candidate(Contender.BRIDGE, Rings.SPLIT), List.of(List.of()), List.of());
        String text = TextReport.of(ForwardingReport.of(new ForwardingResult(
                Instant.EPOCH,
                new HostIdentity("cpu", "6.18", "jvm", List.of(), "1"),
                1,
                1,
                SHARE,
                List.of(ours, dpdk, ovs, bridge),
                List.of())));
        assertThat(text)
                .contains("TCP to be cut", "1.5, met", "1.5, MISSED", "Linux bridge, TAP: not measured")
                .doesNotContain("closed loop", "Ringfence to Linux bridge");
        assertThat(line(text, "Ringfence  ")).contains("300.00");
    }

    @Test
    void shouldCompareQueuesOfOneLayoutWithEachOtherAndPackedOnesWithSplitOnes() {
        List<SystemResult> systems = new ArrayList<>();
        for (Rings rings : Rings.values()) {
            double times = rings == Rings.PACKED ? 0.5 : 1;
            systems.add(new SystemResult(
                    new Candidate(Contender.RINGFENCE, rings),
                    rounds(List.of(6.0 * times, 5.0 * times), -1),
                    List.of()));
            systems.add(new SystemResult(
                    new Candidate(Contender.DPDK_VHOST, rings), rounds(List.of(4.0, 4.0), -1), List.of()));
        }
        String text = TextReport.of(ForwardingReport.of(new ForwardingResult(
                Instant.EPOCH,
                new HostIdentity("cpu", "6.18", "jvm", List.of(), "1"),
                2,
                1,
                SHARE,
                systems,
                List.of())));
        assertThat(text.lines().filter(line -> line.contains(" to ") && line.contains("ratio of medians")))
                .map(line -> line.replaceAll("  .*", ""))
                .containsExactly(
                        "Ringfence to DPDK vhost PMD",
                        "Ringfence, packed to DPDK vhost PMD, packed",
                        "Ringfence, packed to Ringfence",
                        "DPDK vhost PMD, packed to DPDK vhost PMD");
        assertThat(text.substring(text.indexOf("Ringfence, packed to Ringfence  ")))
                .contains("0.50")
                .as("a target is for another switch")
                .doesNotContain(", met", "MISSED");
    }

    @Test
    void shouldHaveATargetOfItsOwnForWorkersUnderSchedOther() {
        String text = TextReport.of(ForwardingReport.of(new ForwardingResult(
                Instant.EPOCH,
                new HostIdentity("cpu", "6.18", "jvm", List.of(), "1"),
                1,
                1,
                SHARE,
                List.of(
                        new SystemResult(
                                new Candidate(Contender.RINGFENCE, Rings.SPLIT), rounds(List.of(4.6), -1), List.of()),
                        new SystemResult(
                                new Candidate(Contender.RINGFENCE_OTHER, Rings.SPLIT),
                                rounds(List.of(4.6), -1),
                                List.of()),
                        new SystemResult(
                                new Candidate(Contender.DPDK_VHOST, Rings.SPLIT), rounds(List.of(4.0), -1), List.of())),
                List.of())));
        assertThat(text).contains("1.1, met", "1.2, MISSED", "Ringfence to Ringfence (other)");
        assertThat(text.substring(text.lastIndexOf("Ringfence (other) to DPDK vhost PMD  ")))
                .as("no target per CPU second")
                .contains("1.15", "1.2, MISSED")
                .doesNotContain("1.25", ", met");
    }

    @Test
    void shouldCompareLatenciesAtOneRateWithThoseOfOpenVswitch() {
        ForwardingResult result = new ForwardingResult(
                Instant.EPOCH,
                new HostIdentity("cpu", "6.18", "jvm", List.of(), "1"),
                2,
                1,
                SHARE,
                List.of(
                        withLatencies(Contender.RINGFENCE, 8.0, 4_000, 90_000),
                        withLatencies(Contender.DPDK_VHOST, 5.0, 2_000, 7_000),
                        withLatencies(Contender.OVS, 16.0, 5_000, 30_000)),
                List.of());
        String text = TextReport.of(ForwardingReport.of(result));
        assertThat(text).contains("500,000 frames a second, 10 % of what DPDK vhost PMD carried");
        assertThat(text.lines().filter(line -> line.contains("4.00 to 5.00, met")))
                .singleElement()
                .asString()
                .contains("Ringfence to Open vSwitch with DPDK", "to 30.", "MISSED, 3.", "times as long");
        assertThat(line(text, "10 % of its own: Ringfence  ")).contains("800,000", "4.0 [", "2/2");
        assertThat(HtmlReport.of(ForwardingReport.TITLE, ForwardingReport.of(result)))
                .contains("Latency one way at 90 % of its own");
        assertThat(Json.MAPPER.readValue(Json.MAPPER.writeValueAsString(result), ForwardingResult.class))
                .isEqualTo(result);
    }

    @Test
    void shouldNotTakeLatenciesThatAreMissingForShortOnes() {
        SystemResult ours = withLatencies(Contender.RINGFENCE, 8.0, 4_000, 90_000);
        SystemResult ovs = withLatencies(Contender.OVS, 16.0, 5_000, 30_000);
        List<Latency> none = ours.latencyRounds().getFirst().stream()
                .map(one -> new Latency(one.load(), 64, one.perSecond(), new Histogram(3), counts(0, 0), List.of()))
                .toList();
        String text = TextReport.of(ForwardingReport.of(
                latencies(ours.withLatencies(List.of(none, ours.latencyRounds().get(1))), ovs)));
        assertThat(line(text, "10 % of its own: Ringfence  "))
                .as("the other round")
                .contains("4.0 [4.0", "1/2");
        assertThat(text).contains("4.00 to 5.00, met");
        String nothing = TextReport.of(ForwardingReport.of(latencies(ours.withLatencies(List.of(none, none)), ovs)));
        assertThat(nothing)
                .containsPattern("Ringfence to Open vSwitch with DPDK +not measured: no latency is left +not measured");
        assertThat(nothing.substring(nothing.indexOf("Latency one way, first"))).doesNotContain(" met");
    }

    @Test
    void shouldTakeFramesThatDidNotArriveForTheSlowestOnes() {
        SystemResult ours = withLatencies(Contender.RINGFENCE, 8.0, 4_000, 20_000, counts(15, 15));
        SystemResult ovs = withLatencies(Contender.OVS, 16.0, 5_000, 30_000);
        ForwardingResult result = latencies(ours, ovs);
        List<Block> blocks = ForwardingReport.of(result);
        String text = TextReport.of(blocks);
        assertThat(line(text, "latency at: system")).endsWith("lost or not sent");
        assertThat(line(text, "10 % of its own: Ringfence  "))
                .as("in two rounds")
                .contains("4.0 [4.0", "∞ [∞–∞]")
                .endsWith(" 60");
        assertThat(line(text, "10 % of its own: Open vSwitch")).endsWith(" 0");
        assertThat(text).containsPattern("∞ to 30\\.., MISSED\\s").containsOnlyOnce("∞: so many");
        assertThat(HtmlReport.of(ForwardingReport.TITLE, blocks)).contains("<b>∞</b>");
        assertThat(Json.MAPPER.readValue(Json.MAPPER.writeValueAsString(result), ForwardingResult.class))
                .isEqualTo(result);
        assertThat(TextReport.of(ForwardingReport.of(latencies(ovs, ovs)))).doesNotContain("lost or not sent", "∞");
    }

    private static ForwardingResult latencies(SystemResult ours, SystemResult theirs) {
        return new ForwardingResult(
                Instant.EPOCH,
                new HostIdentity("cpu", "6.18", "jvm", List.of(), "1"),
                2,
                1,
                SHARE,
                List.of(ours, theirs),
                List.of());
    }

    /** Two rounds: every twentieth frame has the longer latency. */
    private static SystemResult withLatencies(Contender system, double megaFrames, int nanos, int longNanos) {
        return withLatencies(system, megaFrames, nanos, longNanos, counts(0, 0));
    }

    private static FlowCounts counts(long lost, long unsent) {
        return new FlowCounts(1_000 + lost, unsent, 0, 1_000, 1_000, 0, lost, 0, 0, 0);
    }

    private static SystemResult withLatencies(
            Contender system, double megaFrames, int nanos, int longNanos, FlowCounts counts) {
        Histogram latencies = new Histogram(3);
        latencies.recordValueWithCount(nanos, 950);
        latencies.recordValueWithCount(longNanos, 50);
        SystemResult carried = new SystemResult(
                new Candidate(system, Rings.SPLIT), rounds(List.of(megaFrames, megaFrames), -1), List.of());
        List<Latency> round = Stream.of(PartLoad.values())
                .map(load -> new Latency(load, 64, load.perSecond(megaFrames * 1e6, 5e6), latencies, counts, List.of()))
                .toList();
        return carried.withLatencies(List.of(round, round));
    }

    private static List<Cell> large(double perSecond) {
        return List.of(new Cell(Load.ONE_WAY, LargeFrame.LENGTH_BYTES, perSecond, 0, 3_000, List.of()));
    }
}
