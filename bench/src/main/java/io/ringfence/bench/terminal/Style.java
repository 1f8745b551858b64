package io.ringfence.bench.terminal;

import java.io.Console;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How text stands out: bold and dim on a terminal, not at all elsewhere. */
public enum Style {
    TERMINAL,
    PLAIN;

    private static final String ESCAPE = "\u001b[";

    /** That of the standard output; plain too if {@code NO_COLOR} is set (no-color.org). */
    @SuppressWarnings("SystemConsoleNull") // it is null again since JDK 25, where java.base has the default console
    public static Style ofStandardOutput() {
        Console console = System.console();
        String noColor = System.getenv("NO_COLOR");
        return console != null
                        && console.isTerminal()
                        && (noColor == null || noColor.isEmpty())
                        && !"dumb".equals(term())
                ? TERMINAL
                : PLAIN;
    }

    private static @Nullable String term() {
        return System.getenv("TERM");
    }

    /** Returns the text standing out. */
    public String bold(String text) {
        return styled("1m", text);
    }

    /** Returns the text standing back. */
    public String dim(String text) {
        return styled("2m", text);
    }

    /**
     * Returns what draws lines over those that were drawn last; where lines cannot be drawn over, they follow.
     *
     * @param drawn how many there are directly above the cursor
     */
    public String redrawn(int drawn, List<String> lines) {
        StringBuilder text = new StringBuilder();
        boolean terminal = this == TERMINAL;
        if (terminal && drawn > 0) {
            text.append(ESCAPE).append(drawn).append('A');
        }
        lines.forEach(line -> text.append(line).append(terminal ? ESCAPE + "K\n" : "\n"));
        // A line that there no longer is.
        return terminal ? text.append(ESCAPE).append('J').toString() : text.toString();
    }

    private String styled(String code, String text) {
        return this == TERMINAL
                ? ESCAPE + code + text.replace("\n", ESCAPE + "0m\n" + ESCAPE + code) + ESCAPE + "0m"
                : text;
    }
}
