package io.ringfence.bench.micro;

import io.ringfence.vhostuser.virtqueue.BufferBatch;
import io.ringfence.vhostuser.virtqueue.BufferChain;
import io.ringfence.vhostuser.virtqueue.SplitVirtqueue;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Popping chains of a split virtqueue and pushing their used entries, in batches of 64. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class SplitVirtqueueBenchmark {
    private static final int BATCH = BufferBatch.CAPACITY;

    private final BareRing plain = new BareRing(1);
    private final BareRing chained = new BareRing(4);
    private final BufferBatch batch = new BufferBatch();
    private final BufferChain chain = new BufferChain();

    /** Chains of one descriptor, read ahead together, as a train of frames is. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public boolean plain() {
        SplitVirtqueue queue = plain.queue();
        plain.offer(BATCH);
        int count = queue.peekPlain(queue.available(), false, 28, batch);
        queue.stage(batch, 0, count);
        queue.commit(count);
        return published(queue, count);
    }

    /** Chains of one descriptor, one by one. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public boolean single() {
        return oneByOne(plain);
    }

    /** Chains of four descriptors. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public boolean chained() {
        return oneByOne(chained);
    }

    private boolean oneByOne(BareRing ring) {
        SplitVirtqueue queue = ring.queue();
        ring.offer(BATCH);
        int count = 0;
        for (int left = queue.available(); left > 0 && queue.peek(0, false, chain); left--) {
            queue.stage(0, chain.head(), 0);
            queue.commit(1);
            count++;
        }
        return published(queue, count);
    }

    private static boolean published(SplitVirtqueue queue, int count) {
        if (count != BATCH) {
            throw new IllegalStateException(
                    "%d chains popped, expected %d; fault: %s".formatted(count, BATCH, queue.fault()));
        }
        return queue.publish();
    }
}
