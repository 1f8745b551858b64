package io.ringfence.bench.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.host.OnlineCpus;
import io.ringfence.bench.traffic.FlowCounts;
import io.ringfence.bench.traffic.Latencies;
import io.ringfence.bench.traffic.Report;
import io.ringfence.bench.traffic.Schedule;
import io.ringfence.scheduler.SchedulingAttributes;
import io.ringfence.scheduler.SchedulingAttributes.Policy;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TableTest {
    private static final int TERMINAL_COLUMNS = 80;
    private static final Act ROUND_TRIPS = Act.all(6, 1518).getFirst();
    private static final Act FLOOD = Act.all(6, 1518).getLast();

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void shouldFitATerminalWhenNumbersAreLarge(int act) {
        Table table = new Table(Act.all(3600, 1518).get(act));
        Report report = report(1_234_567, 1_234_567, latencies(1, 123_456, 1_234_567, 123_456_789, 999_499_999));
        String text = table.heading() + "\n" + table.interval(report, 9_999) + "\n" + table.whole(report, 99_999);
        assertThat(text.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(TERMINAL_COLUMNS));
    }

    @Test
    void shouldShowRoundTripsAndLosses() {
        Report report = report(20_000, 19_990, latencies(19_990, 41_300, 95_000, 150_000, 2_140_000));
        assertThat(new Table(ROUND_TRIPS).whole(report, 12).strip().split(" {2,}"))
                .containsExactly("all", "20,000", "19,990", "41 us", "95 us", "150 us", "2.1 ms", "20", "12");
    }

    @Test
    void shouldAddBothDirectionsWhenItShowsThroughput() {
        Report report = report(1_000_000, 1_000_000, latencies(0, 0, 0, 0, 0));
        assertThat(new Table(FLOOD).interval(report, 3).strip().split(" {2,}"))
                .containsExactly("1 s", "1,000,000", "1,000,000", "24.29", "0", "3");
    }

    @ParameterizedTest
    @CsvSource({"0,0.0 us", "9940,9.9 us", "9960,10 us", "999400,999 us", "999600,1.0 ms", "12345678,12 ms"})
    void shouldWriteTimesWithTheUnitThatFits(long nanos, String text) {
        assertThat(Quantity.time(nanos)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource(
            value = {"0;0", "0-1;1", "0-3,6;6", "0,2-11;11"},
            delimiter = ';')
    void shouldFindTheLastCpuOfAList(String list, int last) {
        assertThat(OnlineCpus.last(list + "\n")).isEqualTo(last);
    }

    @Test
    void shouldBreakLinesBetweenWords() {
        assertThat(Screen.wrap("one two  three four", 9)).containsExactly("one two", "three", "four");
    }

    @Test
    void shouldNameLossesWithTheirCauseWhenFramesWereDropped() {
        Report report = report(100, 90, latencies(0, 0, 0, 0, 0));
        assertThat(verdict(report, Policy.DEADLINE, Map.of("alice/drop-congested", 12L, "bob/drop-congested", 8L)))
                .anySatisfy(sentence ->
                        assertThat(sentence).contains("none was corrupt", "20 were lost", "drop-congested=20"));
    }

    @Test
    void shouldPromiseNothingWhenTheKernelReservesNothing() {
        Report report = report(100, 100, latencies(0, 0, 0, 0, 0));
        assertThat(verdict(report, Policy.OTHER, Map.of())).last().asString().contains("no guarantee");
        assertThat(verdict(report, Policy.DEADLINE, Map.of())).last().asString().contains("reserved CPU time");
    }

    private static List<String> verdict(Report report, Policy policy, Map<String, Long> counters) {
        SchedulingAttributes scheduling = new SchedulingAttributes(policy, true, 0, 0, 0, 0);
        return Verdict.sentences(
                List.of(new Verdict.Outcome(FLOOD, report)),
                List.of(new WorkerThread("alice", "1", scheduling)),
                counters);
    }

    private static Latencies latencies(long count, long p50Nanos, long p99Nanos, long p999Nanos, long maxNanos) {
        return new Latencies(count, p50Nanos, p50Nanos, p99Nanos, p999Nanos, maxNanos);
    }

    private static Report report(long sent, long received, Latencies latencies) {
        FlowCounts counts = new FlowCounts(sent, 0, 0, received, 0, 0, 0, 0, 0);
        return new Report(
                true,
                1,
                List.of(flow("alice", "bob", counts, latencies), flow("bob", "alice", counts, latencies)),
                List.of(),
                new Schedule(1, 0, 0, 0, List.of(), 0, 0));
    }

    private static Report.Flow flow(String from, String to, FlowCounts counts, Latencies latencies) {
        return new Report.Flow(from, to, counts, latencies, new Histogram(3), List.of());
    }
}
