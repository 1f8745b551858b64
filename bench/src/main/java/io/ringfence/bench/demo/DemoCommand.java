package io.ringfence.bench.demo;

import io.ringfence.bench.options.CpuOption;
import io.ringfence.bench.options.WritableFile;
import io.ringfence.bench.report.HtmlReport;
import io.ringfence.bench.terminal.Cleanup;
import io.ringfence.bench.terminal.PrivateFolder;
import io.ringfence.bench.terminal.Style;
import io.ringfence.dataplane.cli.output.ExitCode;
import io.ringfence.scheduler.SchedulingRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What noisy neighbours cost a VM, without Ringfence and with it, shown live. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        header = "Show what noisy neighbours cost a VM, and what Ringfence changes, in less than a minute.",
        description = {
            "",
            "Three acts: a victim VM alone; with noisy neighbours, all served by one shared polling thread; with the same"
                    + " neighbours, under Ringfence. Then a verdict, and a page with plots. The VMs are embedded guests in a"
                    + " process of their own. Needs no QEMU and no configuration. As root it takes one CPU while it runs;"
                    + " Ctrl-C ends it at any time and gives the CPU back.",
            "",
            "Exit codes: 0 done; 1 failed; 2 bad command line; 3 this host cannot run it; 130 ended by Ctrl-C.",
            ""
        })
final class DemoCommand implements Callable<Integer> {
    /** A neighbour makes the victim wait for about 100 us on the shared thread. */
    private static final long FULL_BAR_NANOS = 150_000;

    @Option(
            names = "--seconds",
            paramLabel = "SECONDS",
            defaultValue = "8",
            description = "How long each act is measured, 1 to 600 (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--neighbours",
            paramLabel = "N",
            defaultValue = "4",
            description = "How many noisy neighbours there are, 1 to 8 (default: ${DEFAULT-VALUE}).")
    private int neighbours;

    @Mixin
    private final CpuOption cpu = new CpuOption();

    @Option(
            names = "--html",
            paramLabel = "FILE",
            description = "Write the page there (default: a new file in the folder for temporary files).")
    private @Nullable Path html;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    /** The lowest rung allowed. */
    private String scheduling = "deadline";

    private boolean reserved = true;

    @Override
    public Integer call() throws Exception {
        requireRange("--seconds", seconds, 1, 600);
        requireRange("--neighbours", neighbours, 1, 8);
        int chosen = cpu.cpu();
        WritableFile.require(spec, "--html", html);
        Timing timing = new Timing(seconds);
        Screen screen = new Screen(
                spec.commandLine().getOut(),
                Style.ofStandardOutput(),
                LatencyBars.in(System.out.charset(), FULL_BAR_NANOS * neighbours));
        List<Outcome> outcomes = new ArrayList<>();
        DemoNetwork network;
        try (Cleanup cleanup = Cleanup.alsoOnExit(screen::interrupted)) {
            Path folder = cleanup.open(PrivateFolder::create).path();
            // Not in /run/ringfence, where only root may write, and where operators look for what is in service.
            System.setProperty("ringfence.run.directory", folder.toString());
            network = new DemoNetwork(folder, chosen, neighbours);
            screen.introduce(network);
            for (Act act : Act.values()) {
                outcomes.add(play(act, network, timing, screen, cleanup));
            }
        }
        List<String> verdict = Verdict.sentences(outcomes);
        screen.conclude(verdict);
        Path page = html != null ? html : newPage();
        HtmlReport.write(page, DemoPage.TITLE, DemoPage.of(outcomes, verdict, network, timing));
        screen.written(page);
        return ExitCode.DONE;
    }

    private Outcome play(Act act, DemoNetwork network, Timing timing, Screen screen, Cleanup cleanup) throws Exception {
        screen.announce(act, reserved);
        String asked = scheduling;
        try (Stage stage = cleanup.open(() -> build(act, network, screen))) {
            WorkerThread worker = stage.worker();
            if (!scheduling.equals(asked)) {
                reserved = worker.isReserved();
                screen.goesOn(stage.rung(), reserved);
            }
            stage.warmUp();
            screen.begin(worker);
            Outcome outcome = new Outcome(act, worker, stage.play(timing, screen));
            screen.end();
            return outcome;
        }
    }

    /** On a host that does not give what Ringfence promises: with what it gives, from then on. */
    private Stage build(Act act, DemoNetwork network, Screen screen) throws Exception {
        try {
            return Stage.build(network, act, scheduling, screen);
        } catch (SchedulingRefusedException refused) {
            if (scheduling.equals("other")) {
                throw refused;
            }
            screen.refused(String.valueOf(refused.getMessage()));
            scheduling = "other";
            return Stage.build(network, act, scheduling, screen);
        }
    }

    /** Readable by all: whoever looks at it may not be who ran this. */
    private static Path newPage() throws IOException {
        return Files.createTempFile(
                "ringfence-demo-",
                ".html",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")));
    }

    private void requireRange(String option, int value, int min, int max) {
        if (value < min || value > max) {
            throw new ParameterException(
                    spec.commandLine(), "%s %d: expected %d to %d".formatted(option, value, min, max));
        }
    }
}
