package io.ringfence.bench.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.json.JsonMapper;

/**
 * A report as one HTML page that needs nothing else: style, the plotting library (uPlot) and data are in it. Light or dark
 * as the reader prefers.
 */
public final class HtmlReport {
    private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/dist/";

    private final StringBuilder body = new StringBuilder();
    private final List<Plot> plots = new ArrayList<>();

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
            case Block.Bars bars -> BarChart.append(body, bars);
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

    private void append(Block.Curves curves) {
        plot(curves.title(), "latency by percentile", Plot.of(curves));
    }

    private void append(Block.Course course) {
        plot(
                course.title(),
                "p50 (bold) and p99 (fine) by the time of departure; none where nothing was measured, or so many frames did not arrive",
                Plot.of(course));
    }

    private void append(Block.Graph graph) {
        plot(graph.title(), "%s by %s".formatted(graph.value(), graph.parameter()), Plot.of(graph));
    }

    private void plot(String title, String axes, Plot plot) {
        body.append(
                "<figure><figcaption>%s <span>%s</span></figcaption><div class=\"plot\" data-plot=\"%d\"></div></figure>\n"
                        .formatted(escape(title), escape(axes), plots.size()));
        plots.add(plot);
    }

    /** A text as it stands between tags or in an attribute. */
    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
