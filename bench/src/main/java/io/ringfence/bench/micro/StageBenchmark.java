package io.ringfence.bench.micro;

import io.ringfence.dataplane.delivery.Claim;
import io.ringfence.dataplane.delivery.FrameBatch;
import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.event.EventSet;
import io.ringfence.vhostuser.frontend.SharedMemory;
import io.ringfence.vhostuser.virtqueue.BufferBatch;
import io.ringfence.vhostuser.virtqueue.SplitVirtqueue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What a frame goes through in a batch of 64, stage by stage, and the whole of it without the guests' own work. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class StageBenchmark {
    private static final int BATCH = BufferBatch.CAPACITY;
    private static final int VIRTIO_HEADER_LENGTH = 12;
    /** Of a frame: what is written from the private copy. */
    private static final int HEADERS_LENGTH = 16;

    private static final int SHORT_LENGTH = 64;
    private static final int LONG_LENGTH = 1_518;

    /** A transmit queue that always has the same chains, for nobody takes them. */
    @State(Scope.Thread)
    public static class Waiting {
        private final BufferBatch batch = new BufferBatch();
        private final FrameBatch frames = new FrameBatch();
        private final SplitVirtqueue queue;

        public Waiting() {
            BareRing ring = new BareRing(1);
            ring.offer(BATCH);
            queue = ring.queue();
        }
    }

    /** The buffers of two guests. */
    @State(Scope.Thread)
    public static class Buffers {
        private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
        private static final int STRIDE = 2_112;
        private static final int COUNT = 256;

        private final MemorySegment source =
                SharedMemory.create((long) STRIDE * COUNT).segment();
        private final MemorySegment target =
                SharedMemory.create((long) STRIDE * COUNT).segment();
        private int next;

        /** Three stores from private memory, and one copy, for each frame. */
        void copyBatch(int lengthBytes) {
            for (int i = 0; i < BATCH; i++) {
                long at = (long) STRIDE * ((next + i) % COUNT);
                target.set(LONG, at, 0);
                target.set(LONG, at + VIRTIO_HEADER_LENGTH, next);
                target.set(LONG, at + VIRTIO_HEADER_LENGTH + Long.BYTES, i);
                MemorySegment.copy(
                        source,
                        at + VIRTIO_HEADER_LENGTH + HEADERS_LENGTH,
                        target,
                        at + VIRTIO_HEADER_LENGTH + HEADERS_LENGTH,
                        lengthBytes - HEADERS_LENGTH);
            }
            next += BATCH;
        }
    }

    /** Who may fill a receive queue, and how its guest is called. */
    @State(Scope.Thread)
    public static class Receiver {
        private final int holder = Claim.strangeHolder(1);
        private final Claim claim = new Claim();
        private final EventFd call = EventFd.create();

        public Receiver() {
            // Somebody could wait for it, as a hypervisor does.
            EventSet.create().add(call);
        }
    }

    /** Two guests; their own work is done between two measurements. */
    @State(Scope.Thread)
    public abstract static class Guests extends TwoGuests {
        private final int lengthBytes;

        private Guests(int lengthBytes) {
            super(PLAIN, 0, 0);
            this.lengthBytes = lengthBytes;
        }

        @Setup(Level.Invocation)
        public void offerBatch() {
            offer(BATCH, lengthBytes);
        }

        @TearDown(Level.Invocation)
        public void takeBatch() {
            take(BATCH);
        }
    }

    /** They exchange frames of 64 bytes. */
    public static class ShortFrames extends Guests {
        public ShortFrames() {
            super(SHORT_LENGTH);
        }
    }

    /** They exchange frames of 1518 bytes. */
    public static class LongFrames extends Guests {
        public LongFrames() {
            super(LONG_LENGTH);
        }
    }

    /** Descriptors, read ahead together. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int pop(Waiting waiting) {
        return waiting.queue.peekPlain(BATCH, false, VIRTIO_HEADER_LENGTH + HEADERS_LENGTH, waiting.batch);
    }

    /** The same and the headers, copied to private memory. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int read(Waiting waiting) {
        return waiting.frames.read(waiting.queue, VIRTIO_HEADER_LENGTH, 0, BATCH);
    }

    /** A claim taken and given back, once a batch. */
    @Benchmark
    public boolean claim(Receiver receiver) {
        boolean taken = receiver.claim.tryAcquire(receiver.holder);
        receiver.claim.release();
        return taken;
    }

    /** A guest called, once a batch at most. */
    @Benchmark
    public void call(Receiver receiver) {
        receiver.call.signal();
    }

    /** Frames of 64 bytes from guest to guest. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void copy64(Buffers buffers) {
        buffers.copyBatch(SHORT_LENGTH);
    }

    /** Frames of 1518 bytes from guest to guest. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void copy1518(Buffers buffers) {
        buffers.copyBatch(LONG_LENGTH);
    }

    /** All of it, with frames of 64 bytes. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int visit64(ShortFrames guests) {
        return guests.visit();
    }

    /** All of it, with frames of 1518 bytes. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int visit1518(LongFrames guests) {
        return guests.visit();
    }
}
