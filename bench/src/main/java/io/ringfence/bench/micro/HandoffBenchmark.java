package io.ringfence.bench.micro;

import io.ringfence.dataplane.delivery.Backlog;
import io.ringfence.dataplane.delivery.Delivered;
import io.ringfence.dataplane.delivery.Delivery;
import io.ringfence.dataplane.delivery.Doorbell;
import io.ringfence.dataplane.delivery.Frame;
import io.ringfence.dataplane.delivery.Handoff;
import io.ringfence.dataplane.delivery.Peers;
import io.ringfence.dataplane.delivery.ReceiveSide;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Latency;
import io.ringfence.dataplane.telemetry.Tally;
import io.ringfence.vhostuser.virtqueue.BufferChain;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;
import org.agrona.concurrent.status.CountersReader;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Handing frames off and taking them out again, in batches of 64, by one thread, as a sender does who finds the claim free
 * at the end of its batch. The receiver has no queues, so that what is taken out is dropped at once: the frame's way into a guest
 * is not in the figure.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class HandoffBenchmark {
    private static final int BATCH = 64;
    private static final int MAX_FRAME_LENGTH = 1522;
    private static final int BYTES_LIMIT = 1 << 20;
    private static final int RECEIVER = 0;
    private static final int SENDER = 1;

    private final Tally tally = new Tally(counters());
    private final ReceiveSide receiver = new ReceiveSide(RECEIVER, new Doorbell(), tally);
    private final Backlog backlog = receiver.backlog();
    private final Delivery delivery;
    private final Frame small = frame(60);
    private final Frame large = frame(512);

    public HandoffBenchmark() {
        @Nullable ReceiveSide[] sides = {receiver, null};
        @Nullable Handoff[] handoffs = {new Handoff(MAX_FRAME_LENGTH, new Latency(counters())), null};
        @Nullable Handoff[] none = {null, null};
        delivery = new Delivery(SENDER, new Peers(SENDER, sides, handoffs, none), tally);
        backlog.tryDrainFrom(new Peers(RECEIVER, sides, none, new @Nullable Handoff[] {null, handoffs[RECEIVER]}));
    }

    private static AtomicCounter[] counters() {
        int count = Counter.values().length;
        UnsafeBuffer values = new UnsafeBuffer(ByteBuffer.allocateDirect(CountersReader.COUNTER_LENGTH * count));
        return IntStream.range(0, count)
                .mapToObj(i -> new AtomicCounter(values, i))
                .toArray(AtomicCounter[]::new);
    }

    private static Frame frame(int lengthBytes) {
        Frame frame = new Frame(new BufferChain());
        MemorySegment bytes = Arena.global().allocate(lengthBytes, 8);
        frame.read(bytes, 0, lengthBytes, 0);
        return frame;
    }

    /** Frames of 60 bytes. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int of60Bytes() {
        return handOff(small);
    }

    /** Frames of 512 bytes. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int of512Bytes() {
        return handOff(large);
    }

    private int handOff(Frame frame) {
        for (int i = 0; i < BATCH; i++) {
            if (delivery.handOff(frame, receiver) != Delivered.DONE) {
                throw new IllegalStateException("the handoff is full after %d frames".formatted(i));
            }
        }
        delivery.finish();
        int found = Backlog.EMPTY;
        while (receiver.backlogged()) {
            found = backlog.drain(BATCH, BYTES_LIMIT);
        }
        return found;
    }
}
