package io.ringfence.config.document;

import java.util.Comparator;

/**
 * A position in the document.
 *
 * @param line counted from 1
 * @param column counted from 1, in Unicode code points
 */
public record Mark(int line, int column) implements Comparable<Mark> {
    private static final Comparator<Mark> DOCUMENT_ORDER =
            Comparator.comparingInt(Mark::line).thenComparingInt(Mark::column);

    /** The first character of the document. */
    public static final Mark START = new Mark(1, 1);

    /** Returns the position of the character at {@code index}, in code points from the start of {@code text}. */
    static Mark of(String text, int index) {
        int line = 1;
        int column = 1;
        int[] codePoints = text.codePoints().limit(index).toArray();
        for (int codePoint : codePoints) {
            line = codePoint == '\n' ? line + 1 : line;
            column = codePoint == '\n' ? 1 : column + 1;
        }
        return new Mark(line, column);
    }

    /** Returns the position just after {@code text}. */
    public static Mark endOf(String text) {
        return of(text, text.length());
    }

    @Override
    public int compareTo(Mark other) {
        return DOCUMENT_ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return line + ":" + column;
    }
}
