package io.ringfence.config.document;

/** Shows text of the document in messages: between back-quotes, on one line, of bounded length, without controls. */
public final class Quote {
    private static final int LENGTH_MAX = 60;

    private Quote() {}

    /** Returns {@code text} fit to be printed on a terminal. */
    public static String quote(String text) {
        StringBuilder quoted = new StringBuilder("`");
        text.codePoints().limit(LENGTH_MAX).forEach(codePoint -> append(quoted, codePoint));
        return quoted.append(text.codePointCount(0, text.length()) > LENGTH_MAX ? "...`" : "`")
                .toString();
    }

    /** Returns the path of {@code key} inside the mapping at {@code path}. */
    static String path(String path, String key) {
        String element = key.matches("[A-Za-z0-9._-]{1,60}") ? key : quote(key);
        return path.isEmpty() ? element : path + "." + element;
    }

    private static void append(StringBuilder quoted, int codePoint) {
        switch (Character.getType(codePoint)) {
            // Format characters reorder the line on a terminal; controls and lone surrogates break it.
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> quoted.append("\\u{%x}".formatted(codePoint));
            default -> quoted.appendCodePoint(codePoint);
        }
    }
}
