package io.ringfence.bench.micro;

import io.ringfence.dataplane.delivery.Backlog;
import io.ringfence.dataplane.delivery.Delivered;
import io.ringfence.dataplane.delivery.Delivery;
import io.ringfence.dataplane.delivery.Doorbell;
import io.ringfence.dataplane.delivery.Frame;
import io.ringfence.dataplane.delivery.Handoff;
import io.ringfence.dataplane.delivery.Peers;
import io.ringfence.dataplane.delivery.ReceiveSide;
import io.ringfence.dataplane.network.Network;
import io.ringfence.dataplane.telemetry.Counters;
import io.ringfence.dataplane.telemetry.Latency;
import io.ringfence.dataplane.telemetry.Tally;
import io.ringfence.vhostuser.virtqueue.BufferChain;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Handing frames off and taking them out again, in batches of 64 or one by one, by one thread, as a sender does who finds the claim free
 * at the end of its batch. The receiver has no queues, so that what is taken out is dropped at once: the frame's way into a guest
 * is not in the figure.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class HandoffBenchmark {
    private static final int BATCH = 64;
    private static final int MAX_FRAME_LENGTH = 1500 + Network.HEADERS_BYTES;
    private static final int BYTES_LIMIT = 1 << 20;
    private static final int RECEIVER = 0;
    private static final int SENDER = 1;

    private final Way ofTwo = new Way(2);
    private final Way ofMany = new Way(64);
    private final Frame small = frame(60);
    private final Frame large = frame(512);

    /** From one member of a network to another; whoever takes in has to look at all. */
    private static final class Way {
        private final ReceiveSide receiver;
        private final Delivery delivery;

        Way(int members) {
            Tally tally = new Tally(Counters.ofProcess());
            receiver = new ReceiveSide(RECEIVER, new Doorbell(), tally);
            @Nullable ReceiveSide[] sides = new ReceiveSide[members];
            sides[RECEIVER] = receiver;
            @Nullable Handoff[] incoming = new Handoff[members];
            for (int sender = SENDER; sender < members; sender++) {
                incoming[sender] = new Handoff(MAX_FRAME_LENGTH, new Latency(Counters.ofProcess()));
            }
            @Nullable Handoff[] none = new Handoff[members];
            @Nullable Handoff[] outgoing = new Handoff[members];
            outgoing[RECEIVER] = incoming[SENDER];
            delivery = new Delivery(SENDER, new Peers(SENDER, sides, outgoing, none), tally);
            receiver.backlog().tryDrainFrom(new Peers(RECEIVER, sides, none, incoming));
        }

        int handOff(Frame frame, int frames) {
            for (int i = 0; i < frames; i++) {
                if (delivery.handOff(frame, receiver) != Delivered.DONE) {
                    throw new IllegalStateException("the handoff is full after %d frames".formatted(i));
                }
            }
            delivery.finish();
            int found = Backlog.EMPTY;
            while (receiver.backlogged()) {
                found = receiver.backlog().drain(BATCH, BYTES_LIMIT);
            }
            return found;
        }
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
        return ofTwo.handOff(small, BATCH);
    }

    /** Frames of 512 bytes. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int of512Bytes() {
        return ofTwo.handOff(large, BATCH);
    }

    /** A single frame of 60 bytes. */
    @Benchmark
    public int single() {
        return ofTwo.handOff(small, 1);
    }

    /** The same in a network of 64 members. */
    @Benchmark
    public int singleAmong64() {
        return ofMany.handOff(small, 1);
    }
}
