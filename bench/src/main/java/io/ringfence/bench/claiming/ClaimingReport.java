package io.ringfence.bench.claiming;

import io.ringfence.bench.claiming.ClaimingResult.Cell;
import io.ringfence.bench.claiming.ClaimingResult.Measured;
import io.ringfence.bench.report.Block;
import io.ringfence.bench.report.Figure;
import io.ringfence.bench.report.Machine;
import io.ringfence.bench.report.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What the benchmark found, for people: a table for each arrangement, with a line for each way and length. */
final class ClaimingReport {
    static final String TITLE = "Ringfence: ways of claiming";

    private final ClaimingResult result;

    private ClaimingReport(ClaimingResult result) {
        this.result = result;
    }

    static List<Block> of(ClaimingResult result) {
        return new ClaimingReport(result).blocks();
    }

    private List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        blocks.add(new Block.Prose(
                ("Senders fill one receive queue of 256 buffers, in batches of %d frames at most. ns: of a frame, by the clock, in the sender's"
                                + " worker; CPU ns: of the senders' threads, which also play the guests that send. missed: tries that"
                                + " others were in the way of, for 1000 batches. left: frames handed off, or filled and left to another"
                                + " to be shown. %d rounds, in turn, each a JVM of its own; %s s for each line.")
                        .formatted(Sender.BATCH, result.rounds(), Numbers.short3(result.seconds()))));
        blocks.add(Machine.of(result.startedAt(), result.host()));
        blocks.add(new Block.Grid(
                List.of("way", "what it is"),
                result.ways().stream()
                        .map(one -> List.of(one.way().word(), one.way().title()))
                        .toList()));
        for (Arrangement arrangement : Arrangement.values()) {
            blocks.add(new Block.Heading(arrangement.title()));
            blocks.add(new Block.Prose(arrangement.meaning() + "."));
            blocks.add(grid(arrangement));
        }
        return blocks;
    }

    private Block grid(Arrangement arrangement) {
        List<String> columns = new ArrayList<>(List.of("way, bytes", "Mpps", "ns", "CPU ns"));
        if (arrangement.senders() > 1) {
            columns.addAll(List.of("missed", "left, %"));
        }
        if (arrangement.isTimed()) {
            columns.addAll(List.of("p50, us", "p99, us", "p99.9, us", "max, us"));
        }
        List<List<String>> rows = new ArrayList<>();
        for (int lengthBytes : ClaimingMain.LENGTHS) {
            for (Measured one : result.ways()) {
                rows.add(row(arrangement, lengthBytes, one));
            }
        }
        return new Block.Grid(columns, rows);
    }

    private static List<String> row(Arrangement arrangement, int lengthBytes, Measured one) {
        List<String> row = new ArrayList<>();
        row.add("%s, %d".formatted(one.way().word(), lengthBytes));
        row.add(text(one, arrangement, lengthBytes, Cell::megaFrames, 2));
        row.add(text(one, arrangement, lengthBytes, Cell::sendNanos, 1));
        row.add(text(one, arrangement, lengthBytes, Cell::cpuNanos, 1));
        if (arrangement.senders() > 1) {
            row.add(text(one, arrangement, lengthBytes, Cell::missedPerThousand, 1));
            row.add(text(
                    one,
                    arrangement,
                    lengthBytes,
                    arrangement.preempts() ? Cell::victimLeftPercent : Cell::leftPercent,
                    1));
        }
        if (arrangement.isTimed()) {
            row.add(text(one, arrangement, lengthBytes, Cell::p50Micros, 1));
            row.add(text(one, arrangement, lengthBytes, Cell::p99Micros, 1));
            row.add(text(one, arrangement, lengthBytes, Cell::p999Micros, 0));
            row.add(text(one, arrangement, lengthBytes, Cell::maxMicros, 0));
        }
        return row;
    }

    private static String text(
            Measured one, Arrangement arrangement, int lengthBytes, ToDoubleFunction<Cell> value, int decimals) {
        return one.figure(arrangement, lengthBytes, value)
                .map((Figure figure) -> figure.text(decimals))
                .orElse(Numbers.NOTHING);
    }
}
