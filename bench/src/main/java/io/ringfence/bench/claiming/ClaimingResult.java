package io.ringfence.bench.claiming;

import io.ringfence.bench.report.Figure;
import io.ringfence.bench.report.Reading;
import io.ringfence.dataplane.cost.HostIdentity;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * All that a run of the benchmark measured; stored as JSON.
 *
 * @param seconds how long each cell was measured each time
 */
record ClaimingResult(Instant startedAt, HostIdentity host, int rounds, double seconds, List<Measured> ways) {
    ClaimingResult {
        ways = List.copyOf(ways);
    }

    /** One way of claiming, by round. */
    record Measured(Way way, List<Round> rounds) {
        Measured {
            rounds = List.copyOf(rounds);
        }

        /** A figure over the rounds in which there was one; empty if there was none, or this host could not measure it. */
        Optional<Figure> figure(Arrangement arrangement, int lengthBytes, ToDoubleFunction<Cell> value) {
            List<Reading> readings = rounds.stream()
                    .flatMap(round -> round.cells().stream())
                    .filter(cell -> cell.arrangement() == arrangement && cell.lengthBytes() == lengthBytes)
                    .map(cell -> Reading.calm(value.applyAsDouble(cell)))
                    .filter(reading -> !Double.isNaN(reading.value()))
                    .toList();
            return readings.isEmpty() ? Optional.empty() : Optional.of(Figure.of(readings));
        }
    }

    /** All arrangements, once, in a JVM of their own. */
    record Round(List<Cell> cells) {
        Round {
            cells = List.copyOf(cells);
        }
    }

    /**
     * One arrangement with frames of one length; what there was no sample of is NaN.
     *
     * @param framesPerSecond that arrived
     * @param sendNanos of a frame, by the clock: the sender's worker alone, in batches that brought something
     * @param cpuNanos of a frame: CPU time of the senders' threads, which play their guests too
     * @param p50Micros from offered to seen by the receiving guest; as the other latencies
     * @param missedPerThousand tries that others were in the way of, for each 1000 batches
     * @param leftPercent of the frames were left to another: handed off, or filled and left to be shown
     * @param victimLeftPercent the same of the second sender's frames
     */
    record Cell(
            Arrangement arrangement,
            int lengthBytes,
            double framesPerSecond,
            double sendNanos,
            double cpuNanos,
            double p50Micros,
            double p99Micros,
            double p999Micros,
            double maxMicros,
            double missedPerThousand,
            double leftPercent,
            double victimLeftPercent) {
        double megaFrames() {
            return framesPerSecond / 1e6;
        }
    }
}
