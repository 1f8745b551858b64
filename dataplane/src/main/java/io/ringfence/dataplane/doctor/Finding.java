package io.ringfence.dataplane.doctor;

/**
 * What a check found.
 *
 * @param subject what was looked at, in a word or two
 * @param level how bad it is
 * @param text what was found, in one line
 * @param remedy a command, or a line of advice, that mends it; empty if there is nothing to mend
 */
public record Finding(String subject, Level level, String text, String remedy) {
    /** How bad a finding is. */
    public enum Level {
        /** As it should be. */
        OK,
        /** Ringfence runs, but something is worse than it could be, or is not known. */
        WARNING,
        /** Ringfence does not start here as configured, or its promise does not hold. */
        ERROR
    }

    static Finding ok(String text) {
        return new Finding("", Level.OK, text, "");
    }

    static Finding warning(String text, String remedy) {
        return new Finding("", Level.WARNING, text, remedy);
    }

    static Finding error(String text, String remedy) {
        return new Finding("", Level.ERROR, text, remedy);
    }

    Finding about(String what) {
        return new Finding(what, level, text, remedy);
    }
}
