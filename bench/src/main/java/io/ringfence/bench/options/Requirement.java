package io.ringfence.bench.options;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Values of options that make sense. */
public final class Requirement {
    private Requirement() {}

    /**
     * Requires one.
     *
     * @param expected what would make sense, in words
     * @throws ParameterException if the value does not
     */
    public static void require(CommandSpec command, String option, Object value, boolean valid, String expected) {
        if (!valid) {
            throw new ParameterException(
                    command.commandLine(), "%s %s: expected %s".formatted(option, value, expected));
        }
    }
}
