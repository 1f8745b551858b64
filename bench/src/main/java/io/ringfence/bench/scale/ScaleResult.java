package io.ringfence.bench.scale;

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
 * @param scheduling the rung that all workers ran on
 * @param rounds how often each number of VMs was measured, in turn
 * @param seconds how long each load was measured each time
 */
record ScaleResult(
        Instant startedAt, HostIdentity host, String scheduling, int rounds, double seconds, List<Size> sizes) {
    ScaleResult {
        sizes = List.copyOf(sizes);
    }

    /** One number of VMs. */
    record Size(int vms, List<Round> rounds) {
        Size {
            rounds = List.copyOf(rounds);
        }
    }

    /**
     * One round of one number of VMs.
     *
     * @param flood all VMs send as much as their queues take
     * @param trickle all VMs together send at a low rate
     * @param arrivals of the last VM while the others carry traffic; none where there are no others
     */
    record Round(Cost flood, Cost trickle, Victim victim, Idle idle, Memory memory, List<Arrival> arrivals) {
        Round {
            arrivals = List.copyOf(arrivals);
        }
    }

    /**
     * What frames cost.
     *
     * @param framesPerSecond received by all VMs together
     * @param workerNanosPerFrame CPU time of all workers for each frame received
     * @param framesPerVisit received for each visit of a worker to its port
     * @param lostShare of the frames that the VMs sent
     */
    record Cost(
            double framesPerSecond,
            double workerNanosPerFrame,
            double framesPerVisit,
            double lostShare,
            List<String> disturbances) {
        Cost {
            disturbances = List.copyOf(disturbances);
        }

        Reading perFrame() {
            return new Reading(workerNanosPerFrame, disturbances);
        }
    }

    /**
     * The victim beside all others.
     *
     * @param othersPerSecond frames that the others received, a second
     */
    record Victim(Histogram nanoseconds, FlowCounts counts, double othersPerSecond, List<String> disturbances)
            implements TimedRun {
        Victim {
            disturbances = List.copyOf(disturbances);
        }
    }

    /** CPU time a second, while all VMs are attached and nothing is sent: of all workers, and of all other threads. */
    record Idle(double workerNanos, double otherNanos) {}

    /**
     * Memory of the process, in bytes.
     *
     * @param heapUsed what is left on the Java heap after a collection
     * @param other resident memory that is neither the Java heap nor the guests'
     */
    record Memory(long heapUsed, long other) {}

    /**
     * How the last VM came, while the others carried traffic.
     *
     * @param addNanos from the request to read the configuration again to the socket that listens
     * @param attachNanos from there to the guest whose queues are all started
     * @param sent frames of the others during the whole run, of all arrivals together
     * @param lost of these
     */
    record Arrival(long addNanos, long attachNanos, long sent, long lost) {}
}
