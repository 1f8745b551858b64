package io.ringfence.bench.host;

import io.ringfence.scheduler.CompilerThreads;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/**
 * The just-in-time compilers of JVMs that share a CPU with what is measured: they have most to do when something runs for
 * the first few times, and take that CPU away then.
 */
public final class Compilers {
    private static final int LOOK_MILLIS = 20;
    /** Less than this between two looks is what the threads need to see that there is nothing to do. */
    private static final long RESTING_NANOS = 1_000_000;

    private static final int RESTING_LOOKS = 3;
    private static final int MOST_LOOKS = 50;

    private final List<Path> threads;

    /** Those of these processes; one that is no JVM has none. */
    public Compilers(long... pids) {
        threads = LongStream.of(pids)
                .boxed()
                .flatMap(pid ->
                        CompilerThreads.NAMES.stream().flatMap(name -> ProcessCpuTime.threads(pid, name).stream()))
                .toList();
    }

    /** Waits until they rest, a second at most; returns the CPU time that they have used so far. */
    public long awaitRest() throws InterruptedException {
        long nanos = nanos();
        int resting = 0;
        for (int i = 0; i < MOST_LOOKS && resting < RESTING_LOOKS; i++) {
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            long before = nanos;
            nanos = nanos();
            resting = nanos - before < RESTING_NANOS ? resting + 1 : 0;
        }
        return nanos;
    }

    private long nanos() {
        return threads.stream().mapToLong(ProcessCpuTime::ofThread).sum();
    }
}
