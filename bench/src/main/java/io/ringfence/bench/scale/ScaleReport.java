package io.ringfence.bench.scale;

import io.ringfence.bench.report.Block;
import io.ringfence.bench.report.Disturbances;
import io.ringfence.bench.report.Figure;
import io.ringfence.bench.report.Machine;
import io.ringfence.bench.report.Numbers;
import io.ringfence.bench.report.Reading;
import io.ringfence.bench.report.TimedRun;
import io.ringfence.bench.report.Unarrived;
import io.ringfence.bench.report.Verdict;
import io.ringfence.bench.scale.ScaleResult.Arrival;
import io.ringfence.bench.scale.ScaleResult.Cost;
import io.ringfence.bench.scale.ScaleResult.Round;
import io.ringfence.bench.scale.ScaleResult.Size;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/** What the benchmark found, for people: the target, then each figure by the number of VMs. */
final class ScaleReport {
    static final String TITLE = "Ringfence: scale";

    /** The cost of a frame with the most VMs, as a multiple of that with the fewest. */
    private static final double COST_TARGET = 1.3;

    private static final double MIB = 1 << 20;

    private final ScaleResult result;
    private final List<Block> blocks = new ArrayList<>();

    private ScaleReport(ScaleResult result) {
        this.result = result;
    }

    static List<Block> of(ScaleResult result) {
        ScaleReport report = new ScaleReport(result);
        report.introduce();
        report.targets();
        report.costs("All VMs send as much as their queues take", Round::flood);
        report.costs(
                "All VMs together send %,d frames a second".formatted(ScaleTrial.TRICKLE_PER_SECOND), Round::trickle);
        report.victim();
        report.memory();
        report.idle();
        report.arrivals();
        report.blocks.addAll(Unarrived.explain(report.blocks));
        report.blocks.addAll(Disturbances.of(result.sizes().stream()
                .flatMap(size -> size.rounds().stream())
                .flatMap(round -> Stream.of(
                        round.flood().disturbances(),
                        round.trickle().disturbances(),
                        round.victim().disturbances()))
                .toList()));
        return report.blocks;
    }

    private void introduce() {
        blocks.add(new Block.Prose(
                ("VMs of one network on one dataplane CPU; frames of %d bytes, each VM to the next. Scheduling %s; %s. %d rounds,"
                                + " the numbers of VMs in turn, each time as a process of its own; %s s for each load. A figure"
                                + " is the median of the calm rounds, or of all where none was calm. Figures compare only"
                                + " within this run.")
                        .formatted(
                                ScaleTrial.LENGTH_BYTES,
                                result.scheduling(),
                                Lan.reservations(),
                                result.rounds(),
                                Numbers.short3(result.seconds()))));
        blocks.add(Machine.of(result.startedAt(), result.host()));
    }

    private Size fewest() {
        return result.sizes().getFirst();
    }

    private Size most() {
        return result.sizes().getLast();
    }

    private void targets() {
        List<List<String>> rows = new ArrayList<>();
        if (result.sizes().size() > 1) {
            Figure ratio = Figure.ratio(readings(most(), Round::flood), readings(fewest(), Round::flood));
            rows.add(List.of(
                    "cost of a frame with %d VMs, to that with %d, under flood".formatted(most().vms(), fewest().vms()),
                    ratio.text(2),
                    "<= " + Numbers.plain(COST_TARGET, 2),
                    Verdict.of(ratio.median() <= COST_TARGET),
                    ratio.calmRounds() + "/" + ratio.rounds()));
        }
        result.sizes().stream()
                .flatMap(size -> arrivals(size).stream())
                .mapToLong(Arrival::lost)
                .max()
                .ifPresent(lost -> rows.add(List.of(
                        "frames that the others lost while the last VM came",
                        "%,d".formatted(lost),
                        "0",
                        Verdict.of(lost == 0),
                        "")));
        if (!rows.isEmpty()) {
            blocks.add(new Block.Heading("Targets"));
            blocks.add(new Block.Grid(List.of("target", "measured", "wanted", "verdict", "calm"), rows));
        }
    }

    private static List<Reading> readings(Size size, Function<Round, Cost> load) {
        return size.rounds().stream().map(load).map(Cost::perFrame).toList();
    }

    private static String vms(Size size) {
        return size.vms() + " VMs";
    }

    private void bars(String title, String unit, int decimals, Function<Round, Reading> value) {
        List<Block.Bar> bars = result.sizes().stream()
                .map(size -> new Block.Bar(
                        vms(size), Figure.of(size.rounds().stream().map(value).toList())))
                .toList();
        blocks.add(new Block.Bars(title, unit, decimals, bars, OptionalDouble.empty()));
    }

    private void costs(String heading, Function<Round, Cost> load) {
        blocks.add(new Block.Heading(heading));
        bars(
                "CPU time of all workers for a frame",
                "ns",
                0,
                round -> load.apply(round).perFrame());
        List<List<String>> rows = new ArrayList<>();
        for (Size size : result.sizes()) {
            List<Cost> costs = size.rounds().stream().map(load).toList();
            rows.add(List.of(
                    vms(size),
                    Figure.ratio(readings(size, load), readings(fewest(), load)).text(2),
                    figure(costs, Cost::framesPerVisit).text(1),
                    figure(costs, cost -> cost.framesPerSecond() / 1e3).text(0),
                    figure(costs, cost -> 100 * cost.lostShare()).text(3) + " %"));
        }
        blocks.add(new Block.Grid(
                List.of(
                        "",
                        "cost to that with " + vms(fewest()),
                        "frames a visit",
                        "thousand frames/s carried",
                        "lost"),
                rows));
    }

    private static Figure figure(List<Cost> costs, ToDoubleFunction<Cost> value) {
        return Figure.of(costs.stream()
                .map(cost -> new Reading(value.applyAsDouble(cost), cost.disturbances()))
                .toList());
    }

    private void victim() {
        blocks.add(new Block.Heading("A victim's latency, while all others flood each other"));
        blocks.add(new Block.Prose("The victim sends %,d frames a second to the second VM, open loop."
                .formatted(ScaleTrial.STREAM.perSecond())));
        latencies("p50", 50);
        latencies("p99", 99);
        List<List<String>> rows = new ArrayList<>();
        List<Block.Curve> curves = new ArrayList<>();
        for (Size size : result.sizes()) {
            long lost = 0;
            Histogram sum = new Histogram(3);
            List<Reading> others = new ArrayList<>();
            for (Round round : size.rounds()) {
                lost += round.victim().counts().lost();
                sum.add(round.victim().nanoseconds());
                others.add(new Reading(
                        round.victim().othersPerSecond() / 1e3, round.victim().disturbances()));
            }
            rows.add(List.of(vms(size), "%,d".formatted(lost), Figure.of(others).text(0)));
            curves.add(new Block.Curve(vms(size), sum));
        }
        blocks.add(new Block.Grid(List.of("", "victim's frames lost", "others' thousand frames/s"), rows));
        blocks.add(new Block.Curves("All rounds together", curves));
    }

    /** Of the rounds of which latencies are left. */
    private void latencies(String title, double percentile) {
        List<Block.Bar> bars = new ArrayList<>();
        for (Size size : result.sizes()) {
            bars.add(TimedRun.figure(size.rounds().stream().map(Round::victim).toList(), percentile)
                    .map(figure -> new Block.Bar(vms(size), figure))
                    .orElseGet(() -> Block.Bar.absent(vms(size), "not measured: no latency is left")));
        }
        blocks.add(new Block.Bars(title, "us", 0, bars, OptionalDouble.empty()));
    }

    private void memory() {
        blocks.add(new Block.Heading("Memory of the Ringfence process, without that of the guests"));
        withSlope(
                "In use on the Java heap after a collection",
                "MiB",
                round -> round.memory().heapUsed() / MIB);
        withSlope(
                "Resident outside the Java heap", "MiB", round -> round.memory().other() / MIB);
    }

    private void idle() {
        blocks.add(new Block.Heading("CPU time a second, all VMs attached, none sending"));
        withSlope("Of all workers", "us", round -> round.idle().workerNanos() / 1e3);
        withSlope(
                "Of all other threads of the process, on housekeeping CPUs",
                "us",
                round -> round.idle().otherNanos() / 1e3);
    }

    private void withSlope(String title, String unit, ToDoubleFunction<Round> value) {
        bars(title, unit, 1, round -> Reading.calm(value.applyAsDouble(round)));
        if (result.sizes().size() > 1) {
            double slope = (median(most(), value) - median(fewest(), value)) / (most().vms() - fewest().vms());
            blocks.add(new Block.Prose(
                    "%s %s for each VM beyond %d.".formatted(Numbers.plain(slope, 2), unit, fewest().vms())));
        }
    }

    private static double median(Size size, ToDoubleFunction<Round> value) {
        return Figure.of(size.rounds().stream()
                        .map(round -> Reading.calm(value.applyAsDouble(round)))
                        .toList())
                .median();
    }

    private static List<Arrival> arrivals(Size size) {
        return size.rounds().stream()
                .flatMap(round -> round.arrivals().stream())
                .toList();
    }

    private void arrivals() {
        List<List<String>> rows = new ArrayList<>();
        for (Size size : result.sizes()) {
            List<Arrival> arrivals = arrivals(size);
            if (!arrivals.isEmpty()) {
                long sent = 0;
                long lost = 0;
                for (Round round : size.rounds()) {
                    sent += round.arrivals().getFirst().sent();
                    lost += round.arrivals().getFirst().lost();
                }
                rows.add(List.of(
                        vms(size),
                        millis(arrivals, Arrival::addNanos),
                        millis(arrivals, Arrival::attachNanos),
                        "%,d".formatted(sent),
                        "%,d".formatted(lost)));
            }
        }
        if (!rows.isEmpty()) {
            blocks.add(new Block.Heading("The last VM comes while all others exchange frames"));
            blocks.add(new Block.Grid(
                    List.of("", "ms until configured", "ms until attached", "others' frames", "lost"), rows));
        }
    }

    private static String millis(List<Arrival> arrivals, ToDoubleFunction<Arrival> nanos) {
        return Figure.of(arrivals.stream()
                        .map(arrival -> Reading.calm(nanos.applyAsDouble(arrival) / 1e6))
                        .toList())
                .text(1);
    }
}
