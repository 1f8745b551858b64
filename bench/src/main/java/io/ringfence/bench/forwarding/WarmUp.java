package io.ringfence.bench.forwarding;

import io.ringfence.bench.host.Compilers;
import io.ringfence.bench.peer.SwitchProcess;
import io.ringfence.bench.traffic.Assignment;
import io.ringfence.bench.traffic.LargeFrame;
import io.ringfence.bench.traffic.Role;
import io.ringfence.bench.traffic.RunPlan;
import io.ringfence.bench.traffic.TrafficProcess;
import java.util.List;

/**
 * Has whatever compiles code as it runs compile it, the generator included, before anything is measured.
 *
 * <p>The compilers keep their place: testpmd polls all the time, so what went last would never be compiled.
 */
record WarmUp(TrafficProcess generator, Compilers compilers) {
    private static final int TIMES = 3;
    private static final double SECONDS = 0.4;
    /** More than any measures singly, so that what then differs is compiled too. */
    private static final int STREAM_PER_SECOND = 2_000_000;

    private static final Assignment SINK = Assignment.of(new Role.Sink());

    WarmUp(SwitchProcess running, TrafficProcess generator) {
        this(generator, new Compilers(running.pid(), generator.pid()));
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
                run(stream.whileObserved(), SINK.whileObserved());
            }
        }
    }

    private void flood(int lengthBytes) throws InterruptedException {
        Assignment flood = Assignment.of(new Role.Flood(lengthBytes));
        run(flood, flood);
        run(flood, SINK);
    }

    private void run(Assignment a, Assignment b) throws InterruptedException {
        generator.run(RunPlan.of(0, SECONDS, List.of(a, b)));
        compilers.awaitRest();
    }
}
