package io.ringfence.bench.forwarding;

import java.util.List;

/** The layout of the guests' virtqueues. */
enum Rings {
    SPLIT,
    PACKED;

    /** What chooses layouts on the command line. */
    static final List<String> WORDS = List.of("split", "packed", "both");

    /** The layouts that one of {@link #WORDS} chooses, in the order in which they are measured. */
    static List<Rings> chosenBy(String word) {
        return switch (word) {
            case "split" -> List.of(SPLIT);
            case "packed" -> List.of(PACKED);
            case "both" -> List.of(SPLIT, PACKED);
            default -> throw new IllegalArgumentException(word + ": expected one of " + WORDS);
        };
    }
}
