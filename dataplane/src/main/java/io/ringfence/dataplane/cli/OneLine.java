package io.ringfence.dataplane.cli;

/** Text fit for one line of a log. */
final class OneLine {
    private OneLine() {}

    /** Returns {@code text} with a space in place of every control character. */
    static String of(String text) {
        return text.replaceAll("\\p{Cntrl}+", " ");
    }
}
