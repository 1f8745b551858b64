package io.ringfence.bench.micro;

import io.ringfence.dataplane.network.MacTable;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Looking addresses up in the MAC table of a network of 64 members with 16 addresses each. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class MacTableBenchmark {
    private static final int MEMBERS = 64;
    private static final int ADDRESSES = 1024;
    private static final long UNICAST_MASK = 0xffff_ffff_fffeL;

    private final MacTable table = new MacTable(MEMBERS, 2 * ADDRESSES / MEMBERS);
    private final long[] known;
    private final long[] unknown;

    public MacTableBenchmark() {
        SplittableRandom random = new SplittableRandom(1);
        known = random.longs(ADDRESSES).map(bits -> bits & UNICAST_MASK).toArray();
        unknown = random.longs(ADDRESSES).map(bits -> bits & UNICAST_MASK).toArray();
        for (int i = 0; i < ADDRESSES; i++) {
            table.learn(known[i], i % MEMBERS, 0);
        }
    }

    /** Addresses that were learned. */
    @Benchmark
    @OperationsPerInvocation(ADDRESSES)
    public int known() {
        return lookUp(known);
    }

    /** Addresses that nobody has: such frames are flooded. */
    @Benchmark
    @OperationsPerInvocation(ADDRESSES)
    public int unknown() {
        return lookUp(unknown);
    }

    private int lookUp(long[] addresses) {
        int sum = 0;
        for (long address : addresses) {
            sum += table.lookup(address);
        }
        return sum;
    }
}
