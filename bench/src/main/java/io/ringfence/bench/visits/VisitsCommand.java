package io.ringfence.bench.visits;

import io.ringfence.bench.peer.Conditions;
import io.ringfence.bench.report.Disturbances;
import io.ringfence.bench.report.Numbers;
import io.ringfence.bench.report.RingfenceBenchmark;
import io.ringfence.bench.report.Rounds;
import io.ringfence.bench.visits.VisitsResult.Cell;
import io.ringfence.bench.visits.VisitsResult.Measured;
import io.ringfence.bench.visits.VisitsResult.Round;
import io.ringfence.dataplane.cost.HostIdentity;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Latency, frames per second and CPU time per frame by the numbers of the visit policy. */
@Command(
        name = "visits",
        mixinStandardHelpOptions = true,
        header = "Measure latency, frames per second and CPU time by the numbers of the visit policy.",
        description = {
            "",
            "Two VMs with 44 %% of a CPU each. One number at a time is changed, each value in a Ringfence of its own: how long a"
                    + " worker sleeps between visits (pace), how many frames must come in that time lest it blocks (threshold),"
                    + " how long it stays (visit), how many frames it takes together (batch), and the period of both"
                    + " reservations (period). The switch has the last CPU, the load the first. Some fifteen minutes as it"
                    + " stands. Needs root and two CPUs that nobody else uses.",
            "",
            "Exit codes: 0 done; 1 failed; 2 bad command line; 3 this host cannot run it.",
            ""
        })
public final class VisitsCommand extends RingfenceBenchmark<VisitsResult> {
    @Option(
            names = "--parameters",
            paramLabel = "LIST",
            split = ",",
            description = "Some of pace, threshold, visit, batch, period (default: all).")
    private List<String> parameters = List.of();

    private List<Parameter> chosen = List.of();

    /** Rounds and seconds unless the user says otherwise. */
    public VisitsCommand() {
        super(VisitsReport.TITLE, VisitsReport::of, 3, 1);
    }

    @Override
    protected void check() {
        chosen = output().choose("--parameters", parameters, Parameter.values(), Parameter::word);
    }

    @Override
    protected VisitsResult measure(Conditions conditions, int often) throws Exception {
        Instant startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        List<Measured> results = Rounds.alternate(
                Setting.forCurvesOf(chosen),
                often,
                setting -> new VisitsTrial(setting, conditions).run(),
                this::tell,
                Measured::new);
        return new VisitsResult(
                startedAt, HostIdentity.current(), conditions.rung(), often, conditions.seconds(), chosen, results);
    }

    private void tell(int number, Setting setting, Round round) {
        StringBuilder line = new StringBuilder("round %d, %s:".formatted(number, setting.title()));
        for (Cell cell : round.cells()) {
            line.append(
                    cell.load().isTimed()
                            ? "  %s p50 %s p99 %s us"
                                    .formatted(cell.load().title(), cell.microsText(50), cell.microsText(99))
                            : "  %s %s Mpps".formatted(cell.load().title(), Numbers.plain(cell.megaFrames(), 2)));
            line.append(" %s ns a frame%s"
                    .formatted(Numbers.plain(cell.workerNanosPerFrame(), 0), Disturbances.note(cell.disturbances())));
        }
        output().say(line);
    }
}
