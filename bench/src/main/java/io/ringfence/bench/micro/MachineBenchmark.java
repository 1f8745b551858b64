package io.ringfence.bench.micro;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Arithmetic that no change of Ringfence touches: it shows whether the machine itself runs as fast as another time. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class MachineBenchmark {
    private static final int STEPS = 100;

    private long state = 1;

    /** A hundred steps of a generator of random numbers (xorshift64), each of which needs the one before. */
    @Benchmark
    public long arithmetic() {
        long next = state;
        for (int i = 0; i < STEPS; i++) {
            next ^= next << 13;
            next ^= next >>> 7;
            next ^= next << 17;
        }
        state = next;
        return next;
    }
}
