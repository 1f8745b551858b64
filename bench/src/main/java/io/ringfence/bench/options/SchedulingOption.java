package io.ringfence.bench.options;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code --scheduling}: the rung of the scheduling ladder that Ringfence's workers are on, no other. */
public final class SchedulingOption {
    private static final List<String> RUNGS = List.of("deadline", "fifo", "other");

    @Option(
            names = "--scheduling",
            paramLabel = "RUNG",
            description = "Of the workers: deadline, fifo or other (default: ${DEFAULT-VALUE}).")
    private String rung = "deadline";

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    /**
     * The rung, in the configuration's words.
     *
     * @throws picocli.CommandLine.ParameterException if there is none of this name
     */
    public String rung() {
        Requirement.require(spec, "--scheduling", rung, RUNGS.contains(rung), "deadline, fifo or other");
        return rung;
    }
}
