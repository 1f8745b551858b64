package io.ringfence.bench.forwarding;

import io.ringfence.bench.report.Figure;
import io.ringfence.bench.report.Reading;
import io.ringfence.bench.report.TimedRun;
import io.ringfence.bench.traffic.FlowCounts;
import io.ringfence.dataplane.cost.HostIdentity;
import java.time.Instant;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * All that a run of the benchmark measured; stored as JSON.
 *
 * @param rounds how often each system was measured, in turn
 * @param seconds how long each time, for each load and length, after as long a warm-up
 * @param reservedShare of the CPU, for each of Ringfence's workers
 * @param skipped systems that this host lacks, with the remedies
 */
record ForwardingResult(
        Instant startedAt,
        HostIdentity host,
        int rounds,
        double seconds,
        double reservedShare,
        List<SystemResult> systems,
        List<String> skipped) {
    ForwardingResult {
        skipped = List.copyOf(skipped);
        systems = List.copyOf(systems);
    }

    /**
     * One system's rounds, with one layout of queues.
     *
     * @param rounds what it carried
     * @param latencyRounds its latencies, measured after all systems had shown what they carry; none if they were not asked for
     */
    record SystemResult(Candidate candidate, List<List<Cell>> rounds, List<List<Latency>> latencyRounds) {
        SystemResult {
            rounds = rounds.stream().map(List::copyOf).toList();
            latencyRounds = latencyRounds.stream().map(List::copyOf).toList();
        }

        /** The same with latencies. */
        SystemResult withLatencies(List<List<Latency>> latencies) {
            return new SystemResult(candidate, rounds, latencies);
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

        /** Frames a second, the median. */
        double carriedOneWay(int lengthBytes) {
            return Figure.of(cells(Load.ONE_WAY, lengthBytes).stream()
                            .map(cell -> cell.reading(cell.framesPerSecond()))
                            .toList())
                    .median();
        }

        /** The latencies at one part load with frames of one length, by round. */
        List<Latency> latencies(PartLoad load, int lengthBytes) {
            return latencyRounds.stream()
                    .flatMap(List::stream)
                    .filter(latency -> latency.load() == load && latency.lengthBytes() == lengthBytes)
                    .toList();
        }
    }

    /**
     * What one system did under one load in one round.
     *
     * @param framesPerSecond received by both guests together
     * @param lostShare of the frames that the switch took; -1 where the load cannot tell
     * @param cpuNanosPerFrame CPU time of the whole process of the switch for each frame received
     */
    record Cell(
            Load load,
            int lengthBytes,
            double framesPerSecond,
            double lostShare,
            double cpuNanosPerFrame,
            List<String> disturbances) {
        Cell {
            disturbances = List.copyOf(disturbances);
        }

        Reading reading(double value) {
            return new Reading(value, disturbances);
        }
    }

    /**
     * One-way latency at a fixed rate in one round.
     *
     * @param perSecond frames sent a second
     * @param nanoseconds of the frames that were measured
     * @param counts of all frames that were due
     */
    record Latency(
            PartLoad load,
            int lengthBytes,
            int perSecond,
            Histogram nanoseconds,
            FlowCounts counts,
            List<String> disturbances)
            implements TimedRun {
        Latency {
            disturbances = List.copyOf(disturbances);
        }
    }
}
