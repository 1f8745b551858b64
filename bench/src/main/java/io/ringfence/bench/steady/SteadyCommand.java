package io.ringfence.bench.steady;

import io.ringfence.bench.host.OnlineCpus;
import io.ringfence.bench.peer.PeerException;
import io.ringfence.bench.report.BenchmarkOutput;
import io.ringfence.bench.terminal.Cleanup;
import io.ringfence.bench.terminal.PrivateFolder;
import io.ringfence.dataplane.cli.ExitCode;
import io.ringfence.scheduler.HousekeepingAffinity;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
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
            names = "--seconds",
            paramLabel = "SECONDS",
            defaultValue = "0.5",
            description = "How long each load is each time, 0.1 to 60 (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "120",
            description = "The longest warm-up, 0 to 3600 (default: ${DEFAULT-VALUE}).")
    private double warmUpSeconds;

    @Option(
            names = "--scheduling",
            paramLabel = "RUNG",
            defaultValue = "deadline",
            description = "Of the workers: deadline, fifo or other (default: ${DEFAULT-VALUE}).")
    private String scheduling = "";

    @Mixin
    private final BenchmarkOutput output = new BenchmarkOutput();

    @Override
    public Integer call() throws Exception {
        output.requireRange("--passes", passes, 1, 10_000);
        output.require("--seconds", seconds, seconds >= 0.1 && seconds <= 60, "0.1 to 60");
        output.require("--warm-up", warmUpSeconds, warmUpSeconds >= 0 && warmUpSeconds <= 3600, "0 to 3600");
        output.require(
                "--scheduling",
                scheduling,
                List.of("deadline", "fifo", "other").contains(scheduling),
                "deadline, fifo or other");
        int switchCpu = OnlineCpus.last();
        if (switchCpu == 0) {
            return output.refused("this host has one CPU; the benchmark needs two, for the switch and for the load");
        }
        BitSet dataplane = new BitSet();
        dataplane.set(switchCpu);
        // The processes started from here inherit it.
        HousekeepingAffinity.excludeCpus(dataplane);
        SteadyResult result;
        try (Cleanup cleanup = output.cleanup()) {
            Path folder = cleanup.open(PrivateFolder::create).path();
            result = new SteadyTrial(
                            new SteadyTrial.Options(0, switchCpu, scheduling, seconds, passes, warmUpSeconds), folder)
                    .run();
        } catch (PeerException refusal) {
            return output.refused(String.valueOf(refusal.getMessage()));
        }
        int published = output.publish(SteadyReport.TITLE, SteadyReport.of(result), result);
        return result.failures().isEmpty() ? published : ExitCode.FAILED;
    }
}
