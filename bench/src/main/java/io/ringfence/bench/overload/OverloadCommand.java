package io.ringfence.bench.overload;

import io.ringfence.bench.overload.OverloadResult.Case;
import io.ringfence.bench.overload.OverloadResult.Run;
import io.ringfence.bench.peer.Conditions;
import io.ringfence.bench.report.Disturbances;
import io.ringfence.bench.report.Numbers;
import io.ringfence.bench.report.RingfenceBenchmark;
import io.ringfence.bench.report.Rounds;
import io.ringfence.dataplane.cost.HostIdentity;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What arrives when up to ten times as much is offered as can be carried, and how evenly it is the senders'. */
@Command(
        name = "overload",
        mixinStandardHelpOptions = true,
        header = "Measure what arrives when up to ten times as much is offered as can be carried.",
        description = {
            "",
            "Four VMs send to one destination, or each to one of its own: from half of what they get across with full"
                    + " queues to ten times as much. Delivered frames, in proportion to the most that was delivered with any"
                    + " offer, how evenly they are the senders', what was dropped, and CPU time per frame. The switch has"
                    + " the last CPU, the load the first. Some twelve minutes as it stands. Needs root and two CPUs that nobody"
                    + " else uses.",
            "",
            "Targets that are missed are printed like those that are met, and do not change the exit code.",
            "",
            "Exit codes: 0 done; 1 failed; 2 bad command line; 3 this host cannot run it.",
            ""
        })
public final class OverloadCommand extends RingfenceBenchmark<OverloadResult> {
    @Option(
            names = "--lengths",
            paramLabel = "BYTES",
            split = ",",
            defaultValue = "64,1518",
            description = "Frame lengths, 60 to 1518 (default: ${DEFAULT-VALUE}).")
    private List<Integer> lengths = List.of();

    @Option(
            names = "--destinations",
            paramLabel = "LIST",
            split = ",",
            description = "Some of one, several (default: all).")
    private List<String> destinations = List.of();

    private List<Destinations> chosen = List.of();

    /** Rounds and seconds unless the user says otherwise. */
    public OverloadCommand() {
        super(OverloadReport.TITLE, OverloadReport::of, 5, 1);
    }

    @Override
    protected void check() {
        lengths.forEach(length -> output().requireRange("--lengths", length, 60, 1518));
        output().requireDifferent("--lengths", lengths);
        chosen = output().choose("--destinations", destinations, Destinations.values(), Destinations::word);
    }

    @Override
    protected OverloadResult measure(Conditions conditions, int often) throws Exception {
        Instant startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        List<OverloadTrial> trials = new ArrayList<>();
        for (Destinations one : chosen) {
            lengths.forEach(length -> trials.add(new OverloadTrial(one, length, conditions)));
        }
        List<Case> cases = Rounds.alternate(trials, often, OverloadTrial::run, this::tell, OverloadTrial::of);
        return new OverloadResult(
                startedAt, HostIdentity.current(), conditions.rung(), often, conditions.seconds(), cases);
    }

    private void tell(int number, OverloadTrial trial, Run run) {
        StringBuilder line =
                new StringBuilder("round %d, %s, Mpps by times the capacity:".formatted(number, trial.title()));
        run.points()
                .forEach(point -> line.append("  %s %s%s"
                        .formatted(
                                Numbers.short3(point.times()),
                                Numbers.plain(point.delivered() / 1e6, 2),
                                Disturbances.note(point.disturbances()))));
        output().say(line);
    }
}
