package io.ringfence.bench.forwarding;

import io.ringfence.bench.peer.SwitchProcess;
import io.ringfence.bench.traffic.Assignment;
import io.ringfence.bench.traffic.LargeFrame;
import io.ringfence.bench.traffic.Role;
import io.ringfence.bench.traffic.TrafficProcess;
import io.ringfence.bench.traffic.WarmUp;
import java.util.List;

/**
 * Warms a switch and the generator up by what will be measured, several times over.
 *
 * <p>The compilers keep their place: testpmd polls all the time, so what went last would never be compiled.
 */
record Preparation(WarmUp warmUp) {
    private static final int TIMES = 3;
    private static final double SECONDS = 0.4;
    /** More than any measures singly, so that what then differs is compiled too. */
    private static final int STREAM_PER_SECOND = 2_000_000;

    private static final Assignment SINK = Assignment.of(new Role.Sink());

    Preparation(SwitchProcess running, TrafficProcess generator) {
        this(new WarmUp(generator, SECONDS, running.pid()));
    }

    /** By full queues, two ways and one, with frames of these lengths. */
    void byFloods(List<Integer> lengths) throws InterruptedException {
        for (int i = 0; i < TIMES; i++) {
            for (int lengthBytes : lengths) {
                flood(lengthBytes);
            }
        }
    }

    /** By streams whose latency is measured, after floods, which compile what both have in common in less time. */
    void byStreams(List<Integer> lengths) throws InterruptedException {
        for (int i = 0; i < TIMES; i++) {
            for (int lengthBytes : lengths) {
                if (lengthBytes == LargeFrame.LENGTH_BYTES) {
                    throw new IllegalArgumentException("a stream of large frames: expected plain ones");
                }
                flood(lengthBytes);
                Assignment stream = Assignment.of(new Role.Stream(STREAM_PER_SECOND, lengthBytes));
                warmUp.run(List.of(stream.whileObserved(), SINK.whileObserved()));
            }
        }
    }

    private void flood(int lengthBytes) throws InterruptedException {
        Assignment flood = Assignment.of(new Role.Flood(lengthBytes));
        warmUp.run(List.of(flood, flood));
        warmUp.run(List.of(flood, SINK));
    }
}
