package io.ringfence.bench.options;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code --rounds}: how often a benchmark measures everything in turn. */
public final class RoundsOption {
    private static final int MOST = 1000;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "How often everything is started and measured, in turn, 1 to " + MOST
                    + " (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    /** @param unlessSaid how often if the user does not say */
    public RoundsOption(int unlessSaid) {
        rounds = unlessSaid;
    }

    /**
     * How often.
     *
     * @throws picocli.CommandLine.ParameterException if the number makes no sense
     */
    public int rounds() {
        Requirement.require(spec, "--rounds", rounds, rounds >= 1 && rounds <= MOST, "1 to " + MOST);
        return rounds;
    }
}
