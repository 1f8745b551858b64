package io.ringfence.bench.report;

import io.ringfence.bench.traffic.Report.Slice;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.DoubleStream;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * A report as one HTML page that needs nothing else: style, the plotting library (uPlot) and data are in it. Light or dark
 * as the reader prefers.
 */
public final class HtmlReport {
    private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/dist/";
    private static final double NANOS_PER_MICRO = 1e3;
    private static final double MOST_NINES = 1e6;

    private final StringBuilder body = new StringBuilder();
    private final List<Plot> plots = new ArrayList<>();

    /** What the page's script draws: points of several lines over a common axis; null where a line has none. {@code mark} is the axis of a graph. */
    private record Plot(
            String kind,
            List<String> labels,
            List<List<Double>> columns,
            @Nullable Double markAt,
            String mark) {}

    private HtmlReport() {}

    /** Returns the page. */
    public static String of(String title, List<Block> blocks) {
        HtmlReport report = new HtmlReport();
        blocks.forEach(report::append);
        return resource("page.html")
                .replace("{{title}}", escape(title))
                .replace("{{uplot.css}}", resource(UPLOT + "uPlot.min.css"))
                .replace("{{page.css}}", resource("page.css"))
                .replace("{{body}}", report.body)
                // Not a tag's end within the script.
                .replace(
                        "{{plots}}",
                        JsonMapper.shared().writeValueAsString(report.plots).replace("<", "\\u003c"))
                .replace("{{page.js}}", resource("page.js"))
                .replace("{{uplot.js}}", resource(UPLOT + "uPlot.iife.min.js"));
    }

    /** Writes the page to a file. */
    public static void write(Path file, String title, List<Block> blocks) throws IOException {
        Files.writeString(file, of(title, blocks));
    }

    private static String resource(String name) {
        try (InputStream in = Objects.requireNonNull(HtmlReport.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void append(Block block) {
        switch (block) {
            case Block.Heading heading -> element("h2", heading.text());
            case Block.Prose prose -> element("p", prose.text());
            case Block.Grid grid -> append(grid);
            case Block.Bars bars -> append(bars);
            case Block.Curves curves -> append(curves);
            case Block.Course course -> append(course);
            case Block.Graph graph -> append(graph);
        }
    }

    private void element(String tag, String text) {
        body.append('<')
                .append(tag)
                .append('>')
                .append(escape(text))
                .append("</")
                .append(tag)
                .append(">\n");
    }

    private void append(Block.Grid grid) {
        body.append("<div class=\"scroll\"><table><thead><tr>");
        grid.columns().forEach(column -> element("th", column));
        body.append("</tr></thead><tbody>");
        for (List<String> row : grid.rows()) {
            body.append("<tr>");
            row.forEach(cell -> element("td", cell));
            body.append("</tr>");
        }
        body.append("</tbody></table></div>\n");
    }

    private void append(Block.Bars bars) {
        double end = 1.02 * end(bars);
        body.append("<figure><figcaption>%s <span>%sbar: median, line: range of the rounds%s</span></figcaption>"
                .formatted(
                        escape(bars.title()),
                        bars.unit().isEmpty() ? "" : escape(bars.unit()) + "; ",
                        bars.target().isPresent()
                                ? ", dashed: " + Numbers.plain(bars.target().getAsDouble(), bars.decimals())
                                : ""));
        body.append("<div class=\"bars\">");
        for (int i = 0; i < bars.bars().size(); i++) {
            append(bars, bars.bars().get(i), i, end);
        }
        body.append("</div></figure>\n");
    }

    /** The highest of what has an end. */
    private static double end(Block.Bars bars) {
        double end = bars.bars().stream()
                .map(Block.Bar::figure)
                .filter(Objects::nonNull)
                .flatMapToDouble(figure -> DoubleStream.of(figure.min(), figure.median(), figure.max()))
                .filter(Double::isFinite)
                .max()
                .orElse(0);
        end = Math.max(end, bars.target().orElse(0));
        return end > 0 ? end : 1;
    }

    private void append(Block.Bars bars, Block.Bar bar, int number, double end) {
        Figure figure = bar.figure();
        body.append("<div class=\"label\">%s</div><div class=\"track\">".formatted(escape(bar.label())));
        if (figure != null) {
            body.append("<i class=\"bar\" style=\"width:%s;background:var(--series-%d)\"></i>"
                    .formatted(percent(share(figure.median(), end)), number % 8));
            body.append("<i class=\"range\" style=\"left:%s;width:%s\"></i>"
                    .formatted(
                            percent(share(figure.min(), end)),
                            percent(share(figure.max(), end) - share(figure.min(), end))));
        }
        if (bars.target().isPresent()) {
            body.append("<i class=\"target\" style=\"left:%s\"></i>"
                    .formatted(percent(share(bars.target().getAsDouble(), end))));
        }
        body.append("</div><div class=\"value\">%s</div>\n".formatted(value(bar, bars.decimals())));
    }

    private static String value(Block.Bar bar, int decimals) {
        Figure figure = bar.figure();
        return figure == null
                ? "<span>%s</span>".formatted(escape(bar.absence()))
                : "<b>%s</b> <span>%s–%s · %d of %d calm</span>"
                        .formatted(
                                Numbers.plain(figure.median(), decimals),
                                Numbers.plain(figure.min(), decimals),
                                Numbers.plain(figure.max(), decimals),
                                figure.calmRounds(),
                                figure.rounds());
    }

    /** What has no end is drawn to the end of the scale, what is no number not at all. */
    private static double share(double value, double end) {
        return Double.isNaN(value) ? 0 : Math.min(value / end, 1);
    }

    private static String percent(double share) {
        return Numbers.plain(100 * share, 2) + "%";
    }

    private void append(Block.Curves curves) {
        List<Double> nines = new ArrayList<>();
        for (double x = 1; x <= MOST_NINES; x *= Math.pow(10, 1 / 20.0)) {
            nines.add(x);
        }
        List<List<Double>> columns = new ArrayList<>(List.of(nines));
        for (Block.Curve curve : curves.curves()) {
            columns.add(nines.stream().map(x -> micros(curve.nanoseconds(), x)).toList());
        }
        List<String> labels = curves.curves().stream().map(Block.Curve::label).toList();
        plot(curves.title(), "latency by percentile", new Plot("curves", labels, columns, null, ""));
    }

    /** The latency that one of {@code x} frames exceeds, or null if there were too few frames to tell. */
    private static @Nullable Double micros(Histogram nanoseconds, double x) {
        return nanoseconds.getTotalCount() < x
                ? null
                : nanoseconds.getValueAtPercentile(100 - 100 / x) / NANOS_PER_MICRO;
    }

    private void append(Block.Course course) {
        List<Double> times = course.lines().stream()
                .flatMap(line -> line.slices().stream())
                .map(Slice::fromSeconds)
                .distinct()
                .sorted()
                .toList();
        List<String> labels = new ArrayList<>();
        List<List<Double>> columns = new ArrayList<>(List.of(times));
        for (Block.Line line : course.lines()) {
            labels.add(line.label() + " p50");
            columns.add(points(times, line.slices(), false));
            labels.add(line.label() + " p99");
            columns.add(points(times, line.slices(), true));
        }
        @Nullable
        Double mark = course.markSeconds().isPresent() ? course.markSeconds().getAsDouble() : null;
        plot(
                course.title(),
                "p50 (bold) and p99 (fine) by the time of departure; none where nothing was measured, or so many frames did not arrive",
                new Plot("course", labels, columns, mark, course.mark()));
    }

    private void append(Block.Graph graph) {
        List<Double> parameters = graph.traces().stream()
                .flatMap(trace -> trace.points().stream())
                .map(Block.Point::parameter)
                .distinct()
                .sorted()
                .toList();
        List<List<Double>> columns = new ArrayList<>(List.of(parameters));
        for (Block.Trace trace : graph.traces()) {
            Map<Double, Double> values = new HashMap<>();
            trace.points().stream()
                    .filter(point -> Double.isFinite(point.value()))
                    .forEach(point -> values.put(point.parameter(), point.value()));
            columns.add(parameters.stream().map(values::get).toList());
        }
        List<String> labels = graph.traces().stream().map(Block.Trace::label).toList();
        plot(
                graph.title(),
                "%s by %s".formatted(graph.value(), graph.parameter()),
                new Plot("graph", labels, columns, null, graph.parameter()));
    }

    /** At these times; null where there is none, or it has no end. */
    private static List<Double> points(List<Double> times, List<Slice> slices, boolean p99) {
        List<Double> points = new ArrayList<>(times.size());
        int next = 0;
        for (double time : times) {
            boolean there = next < slices.size() && slices.get(next).fromSeconds() == time;
            @Nullable Slice slice = there ? slices.get(next++) : null;
            double nanos = slice == null ? Double.NaN : p99 ? slice.p99Nanos() : slice.p50Nanos();
            points.add(Double.isFinite(nanos) ? nanos / NANOS_PER_MICRO : null);
        }
        return points;
    }

    private void plot(String title, String axes, Plot plot) {
        body.append(
                "<figure><figcaption>%s <span>%s</span></figcaption><div class=\"plot\" data-plot=\"%d\"></div></figure>\n"
                        .formatted(escape(title), escape(axes), plots.size()));
        plots.add(plot);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
