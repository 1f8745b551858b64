package io.ringfence.config;

import io.ringfence.config.document.Problem;
import java.util.List;

/** A configuration that cannot be used. The message has a line for each problem and is meant for the operator. */
public final class ConfigurationException extends Exception {
    /** More would only push the first ones off the screen. */
    private static final int SHOWN_MAX = 50;

    private final transient List<Problem> problems;

    ConfigurationException(String fileName, List<Problem> problems) {
        super(message(fileName, problems));
        this.problems = List.copyOf(problems);
    }

    /** Returns all that is wrong, in the order of the file. */
    public List<Problem> problems() {
        return problems;
    }

    private static String message(String fileName, List<Problem> problems) {
        StringBuilder lines = new StringBuilder();
        for (Problem problem : problems.subList(0, Math.min(problems.size(), SHOWN_MAX))) {
            lines.append(lines.isEmpty() ? "" : "\n")
                    .append(fileName)
                    .append(':')
                    .append(problem);
        }
        if (problems.size() > SHOWN_MAX) {
            lines.append("\n%s: and %d more problems".formatted(fileName, problems.size() - SHOWN_MAX));
        }
        return lines.toString();
    }
}
