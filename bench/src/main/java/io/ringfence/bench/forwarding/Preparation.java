package io.ringfence.bench.forwarding;

import io.ringfence.bench.peer.SwitchProcess;
import io.ringfence.bench.traffic.Assignment;
import io.ringfence.bench.traffic.LargeFrame;
import io.ringfence.bench.traffic.Role;
import io.ringfence.bench.traffic.TrafficProcess;
import io.ringfence.bench.traffic.WarmUp;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Warms a switch and the generator up by what will be measured.
 *
 * <p>The compilers keep their place: testpmd polls all the time, so what went last would never be compiled.
 */
record Preparation(WarmUp warmUp) {
    private static final double SECONDS = 0.4;
    /** More than any measures singly, so that what then differs is compiled too. */
    private static final int STREAM_PER_SECOND = 2_000_000;

    private static final Assignment SINK = Assignment.of(new Role.Sink());

    Preparation(SwitchProcess running, TrafficProcess generator) {
        this(new WarmUp(generator, SECONDS, running.pid()));
    }

    /** By full queues, two ways and one, with frames of these lengths. */
    void byFloods(List<Integer> lengths) throws InterruptedException {
        warmUp.untilCompiled(
                lengths.stream().flatMap(length -> floods(length).stream()).toList());
    }

    /** By streams whose latency is measured, after floods, which compile what both have in common in less time. */
    void byStreams(List<Integer> lengths) throws InterruptedException {
        List<Supplier<List<Assignment>>> loads = new ArrayList<>();
        for (int lengthBytes : lengths) {
            if (lengthBytes == LargeFrame.LENGTH_BYTES) {
                throw new IllegalArgumentException("a stream of large frames: expected plain ones");
            }
            loads.addAll(floods(lengthBytes));
            Assignment stream = Assignment.of(new Role.Stream(STREAM_PER_SECOND, lengthBytes));
            loads.add(() -> List.of(stream.whileObserved(), SINK.whileObserved()));
        }
        warmUp.untilCompiled(loads);
    }

    private static List<Supplier<List<Assignment>>> floods(int lengthBytes) {
        Assignment flood = Assignment.of(new Role.Flood(lengthBytes));
        return List.of(() -> List.of(flood, flood), () -> List.of(flood, SINK));
    }
}
