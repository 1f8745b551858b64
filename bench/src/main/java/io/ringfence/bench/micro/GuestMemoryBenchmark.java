package io.ringfence.bench.micro;

import io.ringfence.vhostuser.frontend.SharedMemory;
import io.ringfence.vhostuser.memory.GuestMemory;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Translating guest physical addresses, all over the memory of a guest. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class GuestMemoryBenchmark {
    private static final int ADDRESSES = 256;
    private static final int LENGTH_BYTES = 8 << 20;
    /** QEMU shares two to four regions; vhost-user allows eight without memory slots. */
    private static final int MOST_REGIONS = 8;

    private final SharedMemory memory = SharedMemory.create(LENGTH_BYTES);
    private final GuestMemory one = table(1);
    private final GuestMemory eight = table(MOST_REGIONS);
    private final long[] addresses = new SplittableRandom(1)
            .longs(ADDRESSES, 0, LENGTH_BYTES)
            .map(memory::guestAddress)
            .toArray();

    private GuestMemory table(int regions) {
        int lengthBytes = LENGTH_BYTES / regions;
        return new GuestMemory(IntStream.range(0, regions)
                .mapToObj(i -> BareRing.region(memory, (long) i * lengthBytes, lengthBytes))
                .toList());
    }

    /** In a table of one region. */
    @Benchmark
    @OperationsPerInvocation(ADDRESSES)
    public long oneRegion() {
        return translate(one);
    }

    /** In a table of eight regions. */
    @Benchmark
    @OperationsPerInvocation(ADDRESSES)
    public long eightRegions() {
        return translate(eight);
    }

    /** One after the other: where each address depends on the offset before, none can be translated together with others. */
    private long translate(GuestMemory table) {
        long offset = 0;
        for (int i = 0; i < ADDRESSES; i++) {
            long address = addresses[i + (int) (offset >>> Integer.SIZE)]; // offsets are short: plus 0
            offset = table.offset(table.find(address), address);
        }
        return offset;
    }
}
