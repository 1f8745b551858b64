package io.ringfence.dataplane.cli;

import java.io.Console;

/** Colours on a terminal, none elsewhere. */
enum Ink {
    COLOURED,
    PLAIN;

    /** That of the standard output; plain too if {@code NO_COLOR} is set (no-color.org). */
    @SuppressWarnings("SystemConsoleNull") // it is null again since JDK 25, where java.base has the default console
    static Ink ofStandardOutput() {
        Console console = System.console();
        String noColor = System.getenv("NO_COLOR");
        boolean wanted = noColor == null || noColor.isEmpty();
        return console != null && console.isTerminal() && wanted && !"dumb".equals(System.getenv("TERM"))
                ? COLOURED
                : PLAIN;
    }

    String green(String text) {
        return with("32m", text);
    }

    String yellow(String text) {
        return with("33m", text);
    }

    String red(String text) {
        return with("1;31m", text);
    }

    String dim(String text) {
        return with("2m", text);
    }

    private String with(String code, String text) {
        return this == COLOURED ? "\u001b[" + code + text + "\u001b[0m" : text;
    }
}
