package io.ringfence.bench.jmh;

import io.ringfence.bench.jmh.JmhResult.Score;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Nanoseconds of a frame, stage by stage: some measured, some the difference of two that are.
 *
 * @param whole a frame's part of a whole visit
 */
record Stages(int lengthBytes, List<Stage> stages, double whole) {
    /** The benchmarks that these rest on. */
    static final Pattern BENCHMARKS = Pattern.compile("^(Stage\\..*|SplitVirtqueue\\.plain|MacTable\\.known)$");

    static final int SHORT_LENGTH = 64;
    static final int LONG_LENGTH = 1_518;

    private static final int BATCH = 64;

    /** One stage. */
    record Stage(String title, double nanos) {}

    Stages {
        stages = List.copyOf(stages);
    }

    /** Those of frames of {@link #SHORT_LENGTH} or {@link #LONG_LENGTH} bytes. */
    static Stages of(JmhResult result, int lengthBytes) {
        double pop = nanos(result, "Stage.pop");
        double publish = nanos(result, "SplitVirtqueue.plain") - pop;
        return new Stages(
                lengthBytes,
                List.of(
                        new Stage("pop the descriptor of the transmit queue", pop),
                        new Stage("copy the headers to private memory", nanos(result, "Stage.read") - pop),
                        new Stage("look up the destination, once a train", nanos(result, "MacTable.known") / BATCH),
                        new Stage(
                                "claim the receive queue and release it, once a batch",
                                nanos(result, "Stage.claim") / BATCH),
                        new Stage("pop the descriptor of the receive queue", pop),
                        new Stage("copy the frame", nanos(result, "Stage.copy" + lengthBytes)),
                        new Stage("used entries of both queues, published once a batch", 2 * publish)),
                nanos(result, "Stage.visit" + lengthBytes));
    }

    /** What calling a guest adds, if it asked for that, once a batch of 64. */
    static double callNanos(JmhResult result) {
        return nanos(result, "Stage.call") / BATCH;
    }

    private static double nanos(JmhResult result, String benchmark) {
        return result.score(benchmark)
                .map(Score::nanos)
                .orElseThrow(() -> new IllegalArgumentException("no score of " + benchmark));
    }

    /** What is left of the whole: decisions, counters, clock readings, and that the pieces disturb each other's caches. */
    double rest() {
        return whole - stages.stream().mapToDouble(Stage::nanos).sum();
    }
}
