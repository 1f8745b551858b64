package io.ringfence.bench.options;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code --seconds}: how long a benchmark measures each time. */
public final class SecondsOption {
    private static final double LEAST = 0.1;
    private static final double MOST = 600;

    @Option(
            names = "--seconds",
            paramLabel = "SECONDS",
            description = "How long everything is measured each time, 0.1 to 600 (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    /** @param unlessSaid how long if the user does not say */
    public SecondsOption(double unlessSaid) {
        seconds = unlessSaid;
    }

    /**
     * How long.
     *
     * @throws picocli.CommandLine.ParameterException if the number makes no sense
     */
    public double seconds() {
        Requirement.require(spec, "--seconds", seconds, seconds >= LEAST && seconds <= MOST, "0.1 to 600");
        return seconds;
    }
}
