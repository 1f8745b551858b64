package io.ringfence.bench.claiming;

import io.ringfence.bench.claiming.ClaimingResult.Cell;
import io.ringfence.bench.claiming.ClaimingResult.Round;
import io.ringfence.bench.host.BenchmarkCpus;
import io.ringfence.bench.traffic.Json;
import io.ringfence.scheduler.SchedulingRefusedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The process of one round of one way, so that its code is compiled for that way alone; started by {@link ClaimingCommand}. */
public final class ClaimingMain {
    static final List<Integer> LENGTHS = List.of(60, 1514);

    private static final double WARM_UP_SECONDS = 0.15;

    private ClaimingMain() {}

    /**
     * Measures all arrangements twice, of which the second time counts.
     *
     * @param arguments the way, seconds for each cell, the two CPUs, and the file for the round as JSON
     */
    public static void main(String[] arguments) throws Exception {
        Way way = Way.valueOf(arguments[0]);
        double seconds = Double.parseDouble(arguments[1]);
        BenchmarkCpus cpus = new BenchmarkCpus(Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
        measure(way, cpus, WARM_UP_SECONDS);
        Round round = measure(way, cpus, seconds);
        Files.writeString(Path.of(arguments[4]), Json.MAPPER.writeValueAsString(round));
    }

    private static Round measure(Way way, BenchmarkCpus cpus, double seconds) throws InterruptedException {
        List<Cell> cells = new ArrayList<>();
        for (Arrangement arrangement : Arrangement.values()) {
            for (int lengthBytes : LENGTHS) {
                try {
                    cells.add(Contest.run(way, arrangement, lengthBytes, cpus, seconds));
                } catch (SchedulingRefusedException refusal) {
                    // Without the right to SCHED_FIFO there is no such cell.
                }
            }
        }
        return new Round(cells);
    }
}
