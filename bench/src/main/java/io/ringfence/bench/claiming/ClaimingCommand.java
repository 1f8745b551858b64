package io.ringfence.bench.claiming;

import io.ringfence.bench.claiming.ClaimingResult.Cell;
import io.ringfence.bench.claiming.ClaimingResult.Measured;
import io.ringfence.bench.claiming.ClaimingResult.Round;
import io.ringfence.bench.host.BenchmarkCpus;
import io.ringfence.bench.host.JavaCommand;
import io.ringfence.bench.options.RoundsOption;
import io.ringfence.bench.options.SecondsOption;
import io.ringfence.bench.report.BenchmarkOutput;
import io.ringfence.bench.report.Numbers;
import io.ringfence.bench.report.Rounds;
import io.ringfence.bench.terminal.Cleanup;
import io.ringfence.bench.terminal.PrivateFolder;
import io.ringfence.bench.traffic.TrafficJson;
import io.ringfence.dataplane.cost.HostIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What it costs when several senders fill one receive queue, by the way in which they claim it. */
@Command(
        name = "claiming",
        mixinStandardHelpOptions = true,
        header = "Measure ways in which several senders can fill one receive queue.",
        description = {
            "",
            "The claim that the switch holds for a batch, with its handoff, beside an alternative that claims buffers, copies"
                    + " while nothing is held, and publishes: one sender alone, two on two CPUs, two that share a CPU, and one"
                    + " that preempts another in the middle of a batch. No switch runs; threads call the packet path. Some three"
                    + " minutes. Needs two CPUs that nobody else uses, and for the last case the right to SCHED_FIFO.",
            "",
            "Exit codes: 0 done; 1 failed; 2 bad command line; 3 this host cannot run it.",
            ""
        })
public final class ClaimingCommand implements Callable<Integer> {
    @Option(
            names = "--ways",
            paramLabel = "LIST",
            split = ",",
            description = "Some of switch, switch-16, token, completion, in-order (default: all).")
    private List<String> ways = List.of();

    @Mixin
    private final RoundsOption rounds = new RoundsOption(5);

    @Mixin
    private final SecondsOption seconds = new SecondsOption(0.3);

    @Mixin
    private final BenchmarkOutput output = new BenchmarkOutput();

    @Override
    public Integer call() throws Exception {
        List<Way> chosen = output.choose("--ways", ways, Way.values(), Way::word);
        int often = rounds.rounds();
        double each = seconds.seconds();
        return output.publish(
                ClaimingReport.TITLE,
                ClaimingReport::of,
                (cpus, cleanup) -> measure(chosen, often, each, cpus, cleanup));
    }

    private ClaimingResult measure(List<Way> chosen, int often, double each, BenchmarkCpus cpus, Cleanup cleanup)
            throws Exception {
        Path folder = cleanup.open(PrivateFolder::create).path();
        Instant startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        List<Rounds.Variant<Round>> variants = chosen.stream()
                .map(way -> new Rounds.Variant<>(way.word(), () -> round(way, each, cpus, folder)))
                .toList();
        Map<String, List<Round>> measured = Rounds.alternate(variants, often, this::tell);
        List<Measured> results = new ArrayList<>();
        chosen.forEach(way -> results.add(new Measured(way, measured.getOrDefault(way.word(), List.of()))));
        return new ClaimingResult(startedAt, HostIdentity.current(), often, each, results);
    }

    private static Round round(Way way, double seconds, BenchmarkCpus cpus, Path folder)
            throws IOException, InterruptedException {
        Path result = folder.resolve("round.json");
        List<String> command = JavaCommand.of(
                List.of(),
                ClaimingMain.class.getName(),
                List.of(
                        way.name(),
                        Double.toString(seconds),
                        Integer.toString(cpus.load()),
                        Integer.toString(cpus.dataplane()),
                        result.toString()));
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            int exitCode = process.waitFor();
            if (exitCode != 0) {
                throw new IllegalStateException("the process that measures `%s` ended with exit code %d; see above"
                        .formatted(way.word(), exitCode));
            }
        } finally {
            process.destroyForcibly();
        }
        return TrafficJson.MAPPER.readValue(Files.readString(result), Round.class);
    }

    private void tell(int number, String way, Round round) {
        StringBuilder line = new StringBuilder("round %d, %s:".formatted(number, way));
        for (Cell cell : round.cells()) {
            line.append("  %s %d: %s"
                    .formatted(cell.arrangement().title(), cell.lengthBytes(), Numbers.plain(cell.megaFrames(), 1)));
        }
        output.say(line.append(" Mpps"));
    }
}
