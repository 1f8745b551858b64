package io.ringfence.bench.forwarding;

import io.ringfence.bench.report.Reading;
import io.ringfence.dataplane.cost.HostIdentity;
import java.time.Instant;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * All that a run of the benchmark measured; stored as JSON.
 *
 * @param rounds how often each system was measured, in turn
 * @param seconds how long each time, for each load and length, after as long a warm-up
 * @param skipped systems that this host lacks, with the remedies
 */
record ForwardingResult(
        Instant startedAt,
        HostIdentity host,
        int rounds,
        double seconds,
        List<SystemResult> systems,
        List<String> skipped) {
    ForwardingResult {
        skipped = List.copyOf(skipped);
        systems = List.copyOf(systems);
    }

    /** One system's rounds, with one layout of queues. */
    record SystemResult(Candidate candidate, List<List<Cell>> rounds) {
        SystemResult {
            rounds = rounds.stream().map(List::copyOf).toList();
        }

        Contender system() {
            return candidate.system();
        }

        String title() {
            return candidate.title();
        }

        /** The cells of one load and length, by round. */
        List<Cell> cells(Load load, int lengthBytes) {
            return rounds.stream()
                    .flatMap(List::stream)
                    .filter(cell -> cell.load() == load && cell.lengthBytes() == lengthBytes)
                    .toList();
        }
    }

    /**
     * What one system did under one load in one round.
     *
     * @param framesPerSecond received by both guests together
     * @param lostShare of the frames that the switch took; -1 where the load cannot tell
     * @param cpuNanosPerFrame CPU time of the whole process of the switch for each frame received
     * @param latencies at a part of what it carried one way; empty for the other loads
     */
    record Cell(
            Load load,
            int lengthBytes,
            double framesPerSecond,
            double lostShare,
            double cpuNanosPerFrame,
            List<AtPartLoad> latencies,
            List<String> disturbances) {
        Cell {
            latencies = List.copyOf(latencies);
            disturbances = List.copyOf(disturbances);
        }

        Reading reading(double value) {
            return new Reading(value, disturbances);
        }
    }

    /** One-way latency at a fixed rate. */
    record AtPartLoad(int percent, Histogram nanoseconds, List<String> disturbances) {
        AtPartLoad {
            disturbances = List.copyOf(disturbances);
        }
    }
}
