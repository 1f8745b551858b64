package io.ringfence.bench;

import io.ringfence.bench.claiming.ClaimingCommand;
import io.ringfence.bench.forwarding.ForwardingCommand;
import io.ringfence.bench.isolation.IsolationCommand;
import io.ringfence.bench.jmh.JmhCommand;
import io.ringfence.bench.jmh.StagesCommand;
import io.ringfence.bench.overload.OverloadCommand;
import io.ringfence.bench.scale.ScaleCommand;
import io.ringfence.bench.steady.SteadyCommand;
import io.ringfence.bench.visits.VisitsCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Benchmarks, each a command of its own. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        header = "Measure Ringfence beside other switches; reports as text, JSON and one HTML page.",
        synopsisSubcommandLabel = "NAME",
        subcommands = {
            ClaimingCommand.class,
            ForwardingCommand.class,
            IsolationCommand.class,
            JmhCommand.class,
            OverloadCommand.class,
            ScaleCommand.class,
            StagesCommand.class,
            SteadyCommand.class,
            VisitsCommand.class
        })
final class BenchCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "which benchmark? Expected one of " + spec.subcommands().keySet());
    }
}
