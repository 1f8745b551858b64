package io.ringfence.config.document;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects the problems of one document, so that its author sees all of them at once. Not for several threads. */
public final class Problems {
    private final List<Problem> problems = new ArrayList<>();

    /** Adds one problem; the parameters are those of {@link Problem}. */
    public void add(Mark mark, String path, String found, String expected, String remedy) {
        problems.add(new Problem(mark, path, found, expected, remedy));
    }

    /** Returns whether nothing is wrong so far. */
    public boolean isEmpty() {
        return problems.isEmpty();
    }

    /** Returns the problems in the order of the document. */
    public List<Problem> inDocumentOrder() {
        return problems.stream().sorted(Comparator.comparing(Problem::mark)).toList();
    }
}
