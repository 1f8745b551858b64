package io.ringfence.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.traffic.Report.Slice;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

final class ReportsTest {
    private static List<Block> blocks() {
        Histogram latencies = new Histogram(3);
        latencies.recordValueWithCount(7_000, 9_900);
        latencies.recordValueWithCount(42_000, 100);
        return List.of(
                new Block.Heading("Frames of 64 bytes"),
                new Block.Prose("Two <VMs> & one CPU."),
                new Block.Grid(List.of("system", "Mpps"), List.of(List.of("Ringfence", "7.5"))),
                new Block.Bars(
                        "Forwarding",
                        "Mpps",
                        2,
                        List.of(
                                new Block.Bar("Ringfence", new Figure(7.5, 6.5, 10.1, 5, 4)),
                                new Block.Bar("DPDK vhost", new Figure(6.7, 4.9, 9, 5, 5))),
                        OptionalDouble.of(8)),
                new Block.Curves("Victim", List.of(new Block.Curve("alone", latencies))),
                new Block.Course(
                        "Victim",
                        List.of(new Block.Line(
                                "run 1",
                                List.of(
                                        new Slice(0, 20, 7_000, 9_000, 9_500),
                                        new Slice(0.5, 20, 7_100, 9_900, 9_999)))),
                        OptionalDouble.of(0.25),
                        "</script>neighbour starts"),
                new Block.Graph(
                        "Overload",
                        "times the capacity",
                        "Mpps",
                        List.of(
                                new Block.Trace("one", List.of(new Block.Point(1, 5), new Block.Point(10, 4.75))),
                                new Block.Trace("two", List.of(new Block.Point(2, 7.25))))));
    }

    @Test
    void shouldShowFiguresWithTheirSpreadAsText() {
        assertThat(TextReport.of(blocks()).lines())
                .contains("Frames of 64 bytes", "Two <VMs> & one CPU.")
                .anySatisfy(line ->
                        assertThat(line.split(" {2,}")).containsExactly("Ringfence", "7.50", "6.50", "10.10", "4/5"))
                .anySatisfy(line -> assertThat(line.split(" {2,}"))
                        .containsExactly("alone", "7.00", "7.00", "7.00", "42.0", "42.0", "10,000"));
    }

    @Test
    void shouldNeedNothingButThePage() {
        String page = HtmlReport.of("Ringfence: forwarding", blocks());
        assertThat(page)
                .contains("uPlot", "Two &lt;VMs&gt; &amp; one CPU.", "7.50", "6.50–10.10 · 4 of 5 calm")
                .doesNotContain("{{", "src=", "@import", "url(", "</script>neighbour");
        assertThat(page).doesNotContainPattern("<link|fetch\\(|XMLHttpRequest");
        assertThat(page.length()).as("the size of a page without data").isLessThan(100_000);
    }

    @Test
    void shouldDrawBarsWithinTheScaleWhenValuesHaveNoEnd() {
        double never = Double.POSITIVE_INFINITY;
        List<Block> bars = List.of(
                new Block.Bars(
                        "p99",
                        "us",
                        1,
                        List.of(
                                new Block.Bar("fast", new Figure(50, 40, 100, 5, 5)),
                                new Block.Bar("lossy", new Figure(60, 50, never, 5, 5)),
                                new Block.Bar("dead", new Figure(never, never, never, 5, 5))),
                        OptionalDouble.empty()),
                new Block.Bars(
                        "all",
                        "us",
                        1,
                        List.of(new Block.Bar("dead", new Figure(never, never, never, 5, 5))),
                        OptionalDouble.empty()),
                new Block.Graph(
                        "Latency",
                        "pace",
                        "us",
                        List.of(new Block.Trace("p99", List.of(new Block.Point(1, 5), new Block.Point(2, never))))));
        String page = HtmlReport.of("x", bars);
        String tracks = page.substring(page.indexOf("<figure>"), page.lastIndexOf("</figure>"));
        assertThat(tracks).contains("<b>∞</b>", "60.0", "50.0–∞").doesNotContain("NaN", "Infinity");
        assertThat(Pattern.compile("(?:width|left):([^;%]+)%")
                        .matcher(tracks)
                        .results()
                        .map(match -> Double.parseDouble(match.group(1))))
                .hasSize(12)
                .allSatisfy(percent -> assertThat(percent).isBetween(0.0, 100.0));
        assertThat(tracks).contains("width:49.02%").as("half of the highest that has an end");
        assertThat(page).as("the plots").contains("[5.0,null]");
        assertThat(TextReport.of(bars).lines())
                .anySatisfy(
                        line -> assertThat(line.split(" {2,}")).containsExactly("lossy", "60.0", "50.0", "∞", "5/5"));
    }

    @Test
    void shouldLeaveAGapInTheCourseWhenFramesDidNotArrive() {
        double never = Double.POSITIVE_INFINITY;
        List<Slice> slices = List.of(
                new Slice(0, 200, 7_000, 9_000, 9_500),
                new Slice(0.01, 150, 7_000, never, 9_500),
                new Slice(0.02, 0, never, never, 0),
                new Slice(0.03, 200, 7_000, 9_100, 9_500));
        String page = HtmlReport.of(
                "x",
                List.of(new Block.Course(
                        "Victim", List.of(new Block.Line("run", slices)), OptionalDouble.empty(), "")));
        assertThat(page).contains("[7.0,7.0,null,7.0],[9.0,null,null,9.1]");
    }

    @Test
    void shouldShowADashWhenNothingIsDividedByNothing() {
        Figure none = Figure.ratio(List.of(Reading.calm(0)), List.of(Reading.calm(0)));
        List<Block> bars =
                List.of(new Block.Bars("ratio", "", 2, List.of(new Block.Bar("idle", none)), OptionalDouble.empty()));
        String page = HtmlReport.of("x", bars);
        assertThat(page.substring(page.indexOf("<figure>"), page.lastIndexOf("</figure>")))
                .contains("<b>–</b>", "width:0.00%")
                .doesNotContain("NaN");
        assertThat(TextReport.of(bars)).doesNotContain("NaN");
    }

    @Test
    void shouldLeaveOutPercentilesThatTooFewFramesCannotTell() {
        String page = HtmlReport.of("x", blocks());
        String plots =
                page.substring(page.indexOf("const PLOTS = "), page.indexOf("\n", page.indexOf("const PLOTS = ")));
        assertThat(plots).contains("\"curves\"").contains("7.0").contains("42.").contains("null");
    }
}
