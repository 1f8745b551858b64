package io.ringfence.bench.steady;

import io.ringfence.bench.options.SchedulingOption;
import io.ringfence.bench.options.SecondsOption;
import io.ringfence.bench.peer.Conditions;
import io.ringfence.bench.report.BenchmarkOutput;
import io.ringfence.dataplane.cli.output.ExitCode;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Whether workers allocate or are deoptimised while they carry frames. */
@Command(
        name = "steady",
        mixinStandardHelpOptions = true,
        header = "Check that workers neither allocate nor are deoptimised once they are warm.",
        description = {
            "",
            "Ringfence carries a mix of loads while its JVM records every allocation and every deoptimisation (Java Flight"
                    + " Recorder, -Xlog:deoptimization). Once two passes of the loads have deoptimised no worker, none"
                    + " may allocate a byte or be deoptimised any more. The switch has the last CPU, the load the first."
                    + " Two minutes or so as it stands. Needs root and two CPUs that nobody else uses.",
            "",
            "Exit codes: 0 done, nothing found; 1 a worker allocated or was deoptimised (where is printed), or failed; 2 bad"
                    + " command line; 3 this host cannot run it.",
            ""
        })
public final class SteadyCommand implements Callable<Integer> {
    @Option(
            names = "--passes",
            paramLabel = "N",
            defaultValue = "5",
            description =
                    "How often all loads come in turn, after the warm-up, 1 to 10000 (default: ${DEFAULT-VALUE}).")
    private int passes;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "120",
            description = "The longest warm-up, 0 to 3600 (default: ${DEFAULT-VALUE}).")
    private double warmUpSeconds;

    @Mixin
    private final SecondsOption seconds = new SecondsOption(0.5);

    @Mixin
    private final SchedulingOption scheduling = new SchedulingOption();

    @Mixin
    private final BenchmarkOutput output = new BenchmarkOutput();

    @Override
    public Integer call() throws Exception {
        double secondsEach = seconds.seconds();
        String rung = scheduling.rung();
        output.requireRange("--passes", passes, 1, 10_000);
        output.require("--warm-up", warmUpSeconds, warmUpSeconds >= 0 && warmUpSeconds <= 3600, "0 to 3600");
        Optional<SteadyResult> measured = output.measure((place, cleanup) ->
                new SteadyTrial(new Conditions(place, secondsEach, rung), passes, warmUpSeconds).run());
        if (measured.isEmpty()) {
            return ExitCode.HOST_REFUSES;
        }
        SteadyResult result = measured.get();
        int published = output.publish(SteadyReport.TITLE, SteadyReport.of(result), result);
        return result.failures().isEmpty() ? published : ExitCode.FAILED;
    }
}
