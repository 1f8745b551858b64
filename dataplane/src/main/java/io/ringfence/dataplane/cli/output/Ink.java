package io.ringfence.dataplane.cli.output;

import java.io.Console;

/** Colours on a terminal, none elsewhere. */
public enum Ink {
    /** For a terminal. */
    COLOURED,
    /** For files, pipes and simple terminals. */
    PLAIN;

    /** That of the standard output; plain too if {@code NO_COLOR} is set (no-color.org). */
    @SuppressWarnings("SystemConsoleNull") // it is null again since JDK 25, where java.base has the default console
    public static Ink ofStandardOutput() {
        Console console = System.console();
        String noColor = System.getenv("NO_COLOR");
        boolean wanted = noColor == null || noColor.isEmpty();
        return console != null && console.isTerminal() && wanted && !"dumb".equals(System.getenv("TERM"))
                ? COLOURED
                : PLAIN;
    }

    /** What is as it should be. */
    public String green(String text) {
        return with("32m", text);
    }

    /** What could be better. */
    public String yellow(String text) {
        return with("33m", text);
    }

    /** What is wrong. */
    public String red(String text) {
        return with("1;31m", text);
    }

    /** What matters less than the rest. */
    public String dim(String text) {
        return with("2m", text);
    }

    private String with(String code, String text) {
        return this == COLOURED ? "\u001b[" + code + text + "\u001b[0m" : text;
    }
}
