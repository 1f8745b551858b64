package io.ringfence.bench.demo;

import io.ringfence.bench.host.OnlineCpus;
import io.ringfence.bench.terminal.Cleanup;
import io.ringfence.bench.terminal.Style;
import io.ringfence.bench.traffic.Report;
import io.ringfence.dataplane.cli.ExitCode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Two embedded guests exchange frames through Ringfence; what happens is shown live. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        header = "Show Ringfence at work: two embedded guests exchange frames through it.",
        description = {
            "",
            "Starts the dataplane with a worker for each of the guests alice and bob, and the guests in a process of"
                    + " their own. They measure round trips at a fixed rate, then exchange frames as fast as they can."
                    + " Needs no QEMU and no configuration. As root it takes one CPU while it runs; Ctrl-C ends it at"
                    + " any time and gives the CPU back.",
            "",
            "Exit codes: 0 done; 1 failed; 3 this host cannot run it; 130 ended by Ctrl-C.",
            ""
        })
final class DemoCommand implements Callable<Integer> {
    @Option(
            names = "--seconds",
            paramLabel = "SECONDS",
            defaultValue = "6",
            description = "How long each of the two parts takes, 1 to 3600 (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--cpu",
            paramLabel = "CPU",
            defaultValue = "-1",
            description = "The CPU for the workers (default: the last one that is online).")
    private int cpu;

    @Option(
            names = "--size",
            paramLabel = "BYTES",
            defaultValue = "1518",
            description = "Length of the large frames, 60 to 1518 (default: ${DEFAULT-VALUE}).")
    private int sizeBytes;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        requireRange("--seconds", seconds, 1, 3600);
        requireRange("--size", sizeBytes, 60, 1518);
        int chosen = cpu >= 0 ? cpu : OnlineCpus.last();
        Screen screen = new Screen(spec.commandLine().getOut(), Style.ofStandardOutput());
        try (Cleanup cleanup = Cleanup.alsoOnExit(screen::interrupted)) {
            Stage stage = Stage.build(chosen, screen, cleanup);
            screen.introduce(stage.workers(), WorkerThread.ownCpus());
            stage.warmUp();
            List<Verdict.Outcome> outcomes = new ArrayList<>();
            for (Act act : Act.all(seconds, sizeBytes)) {
                outcomes.add(play(act, stage, screen));
            }
            screen.conclude(Verdict.sentences(outcomes, stage.workers(), stage.counters()));
        }
        return ExitCode.DONE;
    }

    private static Verdict.Outcome play(Act act, Stage stage, Screen screen) {
        Table table = new Table(act);
        screen.begin(act.title(), table.heading());
        Yields yields = new Yields(stage::counters);
        Report whole = stage.play(act, report -> screen.row(table.interval(report, yields.sinceLast())));
        screen.total(table.whole(whole, yields.sinceStart()));
        return new Verdict.Outcome(act, whole);
    }

    private void requireRange(String option, int value, int min, int max) {
        if (value < min || value > max) {
            throw new ParameterException(
                    spec.commandLine(), "%s %d: expected %d to %d".formatted(option, value, min, max));
        }
    }
}
