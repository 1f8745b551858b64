package io.ringfence.bench.report;

import java.util.Objects;
import java.util.stream.DoubleStream;

/** Bars of medians with the range of their rounds, as HTML that a page's style draws. */
final class BarChart {
    private BarChart() {}

    /** Appends the figure to the body of a page. */
    static void append(StringBuilder body, Block.Bars bars) {
        double end = 1.02 * end(bars);
        body.append("<figure><figcaption>%s <span>%sbar: median, line: range of the rounds%s</span></figcaption>"
                .formatted(
                        HtmlReport.escape(bars.title()),
                        bars.unit().isEmpty() ? "" : HtmlReport.escape(bars.unit()) + "; ",
                        bars.target().isPresent()
                                ? ", dashed: " + Numbers.plain(bars.target().getAsDouble(), bars.decimals())
                                : ""));
        body.append("<div class=\"bars\">");
        for (int i = 0; i < bars.bars().size(); i++) {
            append(body, bars, bars.bars().get(i), i, end);
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

    private static void append(StringBuilder body, Block.Bars bars, Block.Bar bar, int number, double end) {
        Figure figure = bar.figure();
        body.append("<div class=\"label\">%s</div><div class=\"track\">".formatted(HtmlReport.escape(bar.label())));
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
                ? "<span>%s</span>".formatted(HtmlReport.escape(bar.absence()))
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
}
