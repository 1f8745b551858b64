package io.ringfence.bench.report;

import io.ringfence.bench.traffic.Latencies;
import io.ringfence.dataplane.cli.output.TextTable;
import java.util.List;

/** A report for terminals. Curves become their percentiles; courses and graphs are left to the page; what graphs show is in tables, too. */
public final class TextReport {
    private TextReport() {}

    /** Returns the lines, each with a line feed at its end. */
    public static String of(List<Block> blocks) {
        StringBuilder text = new StringBuilder();
        for (Block block : blocks) {
            switch (block) {
                case Block.Heading heading ->
                    text.append('\n')
                            .append(heading.text())
                            .append('\n')
                            .append("=".repeat(heading.text().length()))
                            .append("\n\n");
                case Block.Prose prose -> text.append(prose.text()).append("\n\n");
                case Block.Grid grid -> text.append(table(grid)).append('\n');
                case Block.Bars bars -> text.append(table(bars)).append('\n');
                case Block.Curves curves -> text.append(table(curves)).append('\n');
                case Block.Course course -> {}
                case Block.Graph graph -> {}
            }
        }
        return text.toString();
    }

    private static TextTable columns(List<String> names) {
        TextTable table = new TextTable().words(names.getFirst());
        names.stream().skip(1).forEach(table::numbers);
        return table;
    }

    private static TextTable table(Block.Grid grid) {
        TextTable table = columns(grid.columns());
        grid.rows().forEach(row -> table.row(row.toArray(String[]::new)));
        return table;
    }

    private static TextTable table(Block.Bars bars) {
        String heading = bars.unit().isEmpty() ? bars.title() : bars.title() + ", " + bars.unit();
        TextTable table = columns(List.of(heading, "median", "min", "max", "calm rounds"));
        for (Block.Bar bar : bars.bars()) {
            Figure figure = bar.figure();
            if (figure == null) {
                table.row(bar.label(), bar.absence(), Numbers.NOTHING, Numbers.NOTHING, Numbers.NOTHING);
                continue;
            }
            table.row(
                    bar.label(),
                    Numbers.plain(figure.median(), bars.decimals()),
                    Numbers.plain(figure.min(), bars.decimals()),
                    Numbers.plain(figure.max(), bars.decimals()),
                    figure.calmRounds() + "/" + figure.rounds());
        }
        return table;
    }

    private static TextTable table(Block.Curves curves) {
        TextTable table = columns(List.of(curves.title() + ", us", "p50", "p90", "p99", "p99.9", "max", "frames"));
        for (Block.Curve curve : curves.curves()) {
            Latencies latencies = Latencies.of(curve.nanoseconds());
            if (latencies.count() == 0) {
                table.row(
                        curve.label(),
                        Numbers.NOTHING,
                        Numbers.NOTHING,
                        Numbers.NOTHING,
                        Numbers.NOTHING,
                        Numbers.NOTHING,
                        "0");
                continue;
            }
            table.row(
                    curve.label(),
                    micros(latencies.p50Nanos()),
                    micros(latencies.p90Nanos()),
                    micros(latencies.p99Nanos()),
                    micros(latencies.p999Nanos()),
                    micros(latencies.maxNanos()),
                    "%,d".formatted(latencies.count()));
        }
        return table;
    }

    private static String micros(long nanos) {
        return Numbers.short3(nanos / 1e3);
    }
}
