package io.ringfence.bench.claiming;

import io.ringfence.bench.claiming.ClaimingResult.Cell;
import io.ringfence.bench.claiming.ClaimingResult.Measured;
import io.ringfence.bench.claiming.ClaimingResult.Round;
import io.ringfence.bench.host.JavaCommand;
import io.ringfence.bench.options.RoundsOption;
import io.ringfence.bench.options.SecondsOption;
import io.ringfence.bench.peer.Place;
import io.ringfence.bench.report.BenchmarkOutput;
import io.ringfence.bench.report.Numbers;
import io.ringfence.bench.report.Rounds;
import io.ringfence.bench.traffic.Json;
import io.ringfence.dataplane.cost.HostIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
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
                ClaimingReport.TITLE, ClaimingReport::of, (place, cleanup) -> measure(chosen, often, each, place));
    }

    private ClaimingResult measure(List<Way> chosen, int often, double each, Place place) throws Exception {
        Instant startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        List<Measured> results =
                Rounds.alternate(chosen, often, way -> round(way, each, place), this::tell, Measured::new);
        return new ClaimingResult(startedAt, HostIdentity.current(), often, each, results);
    }

    private static Round round(Way way, double seconds, Place place) throws IOException, InterruptedException {
        Path result = place.folder().resolve("round.json");
        List<String> command = JavaCommand.of(
                List.of(),
                ClaimingMain.class.getName(),
                List.of(
                        way.name(),
                        Double.toString(seconds),
                        Integer.toString(place.loadCpu()),
                        Integer.toString(place.switchCpu()),
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
        return Json.MAPPER.readValue(Files.readString(result), Round.class);
    }

    private void tell(int number, Way way, Round round) {
        StringBuilder line = new StringBuilder("round %d, %s:".formatted(number, way.word()));
        for (Cell cell : round.cells()) {
            line.append("  %s %d: %s"
                    .formatted(cell.arrangement().title(), cell.lengthBytes(), Numbers.plain(cell.megaFrames(), 1)));
        }
        output.say(line.append(" Mpps"));
    }
}
