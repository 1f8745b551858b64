package io.ringfence.bench.micro;

import io.ringfence.dataplane.delivery.Frame;
import io.ringfence.dataplane.delivery.FrameBatch;
import io.ringfence.vhostuser.virtqueue.BufferBatch;
import io.ringfence.vhostuser.virtqueue.BufferChain;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Reading and checking the headers of frames. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class FrameBenchmark {
    private static final int BATCH = BufferBatch.CAPACITY;
    private static final int VIRTIO_HEADER_LENGTH = 12;
    private static final int FRAME_LENGTH = 64;

    private final BufferChain contiguousChain = new BufferChain();
    private final BufferChain scatteredChain = new BufferChain();
    private final Frame contiguous = new Frame(contiguousChain);
    private final Frame scattered = new Frame(scatteredChain);
    private final BareRing ring = new BareRing(1);
    private final FrameBatch frames = new FrameBatch();

    public FrameBenchmark() {
        MemorySegment bytes = Arena.global().allocate(VIRTIO_HEADER_LENGTH + FRAME_LENGTH, 8);
        contiguousChain.add(bytes, 0, VIRTIO_HEADER_LENGTH + FRAME_LENGTH);
        scatteredChain.add(bytes, 0, VIRTIO_HEADER_LENGTH);
        scatteredChain.add(bytes, VIRTIO_HEADER_LENGTH, FRAME_LENGTH);
    }

    /** A frame behind its virtio-net header in one buffer. */
    @Benchmark
    public int contiguous() {
        return contiguous.parse(VIRTIO_HEADER_LENGTH, 0, 0);
    }

    /** A frame whose virtio-net header has a buffer of its own, as legacy drivers make them. */
    @Benchmark
    public int scattered() {
        return scattered.parse(VIRTIO_HEADER_LENGTH, 0, 0);
    }

    /** A train of frames read ahead: descriptors and headers, and giving the chains back. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public boolean train() {
        Virtqueue queue = ring.queue();
        ring.offer(BATCH);
        int count = frames.read(queue, VIRTIO_HEADER_LENGTH, 0, queue.available());
        queue.stage(frames.buffers(), 0, count);
        queue.commit(count);
        return queue.publish();
    }
}
