package io.ringfence.bench.calibrate;

import io.ringfence.bench.host.CacheSizes;
import io.ringfence.bench.options.CpuOption;
import io.ringfence.bench.options.Requirement;
import io.ringfence.bench.terminal.Cleanup;
import io.ringfence.bench.terminal.Style;
import io.ringfence.dataplane.cli.CostModelOption;
import io.ringfence.dataplane.cli.output.ExitCode;
import io.ringfence.dataplane.cost.CostMeasurement;
import io.ringfence.dataplane.cost.CostModelFile;
import io.ringfence.dataplane.cost.HostIdentity;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures the cost model of this host and stores it. */
@Command(
        name = "calibrate",
        mixinStandardHelpOptions = true,
        header = "Measure what packet work costs on this host, and store it for `run` and `check`.",
        description = {
            "",
            "Runs the code of the workers on one CPU, against embedded guests on another, with a neighbour that leaves"
                    + " the caches cold between two visits. Shows nanoseconds per visit, frame, descriptor and byte, for"
                    + " what a VM sends and for what its worker takes in of its backlog, and per sleep; and how well"
                    + " that predicts visits that were not measured for it.",
            "",
            "What it stores holds for this CPU model, kernel, JVM with its options, and version of Ringfence; where one"
                    + " of them has changed, `run` and `check` refuse it. Measure on a quiet host: what disturbs the"
                    + " measurement makes reservations larger than they need be.",
            "",
            "Needs no rights but to write the file. Nothing is left behind if it is ended early (Ctrl-C).",
            "",
            "Exit codes: 0 stored; 1 failed; 2 bad command line; 3 this host cannot be measured, or not while it is so"
                    + " busy.",
            ""
        })
final class CalibrateCommand implements Callable<Integer> {
    private static final int MIN_SECONDS = 5;
    private static final int MAX_SECONDS = 55;
    private static final long USUAL_LEVEL_2_BYTES = 1 << 20;

    @Mixin
    private final CostModelOption costModelOption = new CostModelOption();

    @Mixin
    private final CpuOption cpu = new CpuOption();

    @Option(
            names = "--seconds",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description =
                    "How long it may take, " + MIN_SECONDS + " to " + MAX_SECONDS + " (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--tolerance",
            paramLabel = "PERCENT",
            defaultValue = "30",
            description =
                    "How far the prediction of visits that were not fitted may be off, or nothing is stored (default:"
                            + " ${DEFAULT-VALUE}).")
    private int tolerancePercent;

    @Option(
            names = "--least-visits",
            hidden = true,
            defaultValue = "1000",
            description = "How many visits of each kind must be measured, or nothing is stored; fewer only for tests.")
    private int leastVisits;

    @Option(names = "--details", description = "Also show every kind of visit that was measured.")
    private boolean details;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Requirement.require(
                spec,
                "--seconds",
                seconds,
                seconds >= MIN_SECONDS && seconds <= MAX_SECONDS,
                MIN_SECONDS + " to " + MAX_SECONDS);
        Requirement.require(spec, "--tolerance", tolerancePercent, tolerancePercent >= 0, "0 or more");
        int chosen = cpu.cpu();
        CostModelFile file = costModelOption.file();
        requireWritable(file);
        long startNanos = System.nanoTime();
        HostIdentity host = HostIdentity.current();
        // As much again as the cache holds, since no cache evicts exactly what was not used for longest.
        long evictedBytes = 2 * CacheSizes.level2Bytes(chosen, USUAL_LEVEL_2_BYTES);
        PrintWriter out = spec.commandLine().getOut();
        out.println("Measuring packet work on CPU %d (%s)".formatted(chosen, host.cpuModel()));
        Calibration.Outcome outcome = measure(chosen, evictedBytes, out);
        CalibrationReport report = new CalibrationReport(
                outcome, evictedBytes, new CalibrationReport.Demand(tolerancePercent / 100.0, leastVisits));
        out.print(report.text(details));
        Optional<String> objection = report.objection();
        if (objection.isPresent()) {
            out.flush();
            spec.commandLine().getErr().println("ringfence: " + objection.get());
            return ExitCode.HOST_REFUSES;
        }
        file.store(new CostMeasurement(
                CostMeasurement.FORMAT,
                Instant.now().truncatedTo(ChronoUnit.SECONDS),
                host,
                report.circumstances(chosen),
                outcome.costs()));
        out.println("Stored in %s after %.1f s.".formatted(file.path(), (System.nanoTime() - startNanos) / 1e9));
        return ExitCode.DONE;
    }

    private void requireWritable(CostModelFile file) {
        try {
            file.requireWritable();
        } catch (IOException refused) {
            throw new ParameterException(spec.commandLine(), "--cost-model " + refused.getMessage(), refused);
        }
    }

    private Calibration.Outcome measure(int chosen, long evictedBytes, PrintWriter out) throws Exception {
        try (Cleanup cleanup = Cleanup.alsoOnExit(() -> stopped(out))) {
            Progress progress = cleanup.open(() -> new Progress(out, Style.ofStandardOutput(), seconds));
            return new Calibration(chosen, seconds, evictedBytes, progress).run();
        }
    }

    /** The kernel takes back memory and affinity with the process. */
    private static void stopped(PrintWriter out) {
        out.println("Stopped; nothing was stored.");
        out.flush();
    }
}
