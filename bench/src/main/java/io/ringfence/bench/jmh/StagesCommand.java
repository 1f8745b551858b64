package io.ringfence.bench.jmh;

import io.ringfence.bench.report.BenchmarkOutput;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Where a frame's nanoseconds go. */
@Command(
        name = "stages",
        mixinStandardHelpOptions = true,
        header = "Measure where a frame's nanoseconds go, stage by stage.",
        description = {
            "",
            "Descriptors, headers, lookup, claim, copy, used entries and calls, each by JMH with the options of the switch, for"
                    + " frames of 64 and 1518 bytes, beside a whole visit. Some 70 seconds. Needs no rights, but a"
                    + " host that is otherwise idle.",
            "",
            "Exit codes: 0 done; 1 failed; 2 bad command line.",
            ""
        })
public final class StagesCommand implements Callable<Integer> {
    @Mixin
    private final JmhRun run = new JmhRun();

    @Mixin
    private final BenchmarkOutput output = new BenchmarkOutput();

    @Override
    public Integer call() throws IOException, RunnerException {
        run.check();
        JmhResult result = run.measure(JmhRun.matching(Stages.BENCHMARKS), output::say);
        return output.publish(StagesReport.TITLE, StagesReport.of(result), result);
    }
}
