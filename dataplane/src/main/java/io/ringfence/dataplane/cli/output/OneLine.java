package io.ringfence.dataplane.cli.output;

/** Text fit for one line of a log. */
public final class OneLine {
    private OneLine() {}

    /** Returns {@code text} with a space in place of every control character. */
    public static String of(String text) {
        return text.replaceAll("\\p{Cntrl}+", " ");
    }
}
