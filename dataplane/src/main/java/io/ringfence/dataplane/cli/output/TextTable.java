package io.ringfence.dataplane.cli.output;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A table of text, each column as wide as its widest cell. */
public final class TextTable {
    private final List<List<String>> rows = new ArrayList<>(List.of(new ArrayList<>()));
    private final List<Boolean> rightAligned = new ArrayList<>();

    /** Adds a column of words; before any row. */
    public TextTable words(String heading) {
        return column(heading, false);
    }

    /** Adds a column of numbers; before any row. */
    public TextTable numbers(String heading) {
        return column(heading, true);
    }

    private TextTable column(String heading, boolean right) {
        rows.getFirst().add(heading);
        rightAligned.add(right);
        return this;
    }

    /** Adds a row with a cell for every column. */
    public TextTable row(String... cells) {
        if (cells.length != rightAligned.size()) {
            throw new IllegalArgumentException("columns=" + rightAligned.size() + " cells=" + cells.length);
        }
        rows.add(List.of(cells));
        return this;
    }

    /** Whether there are no rows but the heading. */
    public boolean isEmpty() {
        return rows.size() == 1;
    }

    /** Returns the lines, each with a line feed at its end. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        int[] widths = IntStream.range(0, rightAligned.size()).map(this::width).toArray();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                String cell = row.get(column);
                String padding = " ".repeat(widths[column] - cell.length());
                line.append(rightAligned.get(column) ? padding + cell : cell + padding)
                        .append("  ");
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private int width(int column) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
    }
}
