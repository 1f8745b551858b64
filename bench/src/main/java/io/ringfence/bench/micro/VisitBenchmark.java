package io.ringfence.bench.micro;

import io.ringfence.vhostuser.frontend.QueueOptions;
import io.ringfence.vhostuser.protocol.Features;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A whole visit: frames from one guest straight to another; the work of both guests is in the figure. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class VisitBenchmark {
    private static final int BATCH = 64;
    private static final int SHORT_LENGTH = 60;
    /** Two of them are less than what a batch copies at most. */
    private static final int LARGE_BATCH = 2;

    private static final int LARGE_LENGTH = 65_214; // 45 packets
    private static final int DEAR_LENGTH = 300;
    private static final int DEAR_DESCRIPTORS = 250;
    /** As many descriptors as a batch reads. */
    private static final int DEAR_BATCH = 2;

    /** Two guests. */
    @State(Scope.Thread)
    public abstract static class Guests extends TwoGuests {
        static final QueueOptions ROOMY = QueueOptions.ofSize(16).withBufferLength(1 << 16);

        static final QueueOptions DEAR = PLAIN.withIndirectTables(DEAR_DESCRIPTORS);

        private Guests(QueueOptions transmitting, long sends, long takes) {
            super(transmitting, sends, takes);
        }

        int exchange(int frames, int lengthBytes, int packets) {
            offer(frames, lengthBytes);
            visit();
            return take(packets);
        }
    }

    /** Neither knows of offloads. */
    public static class Plain extends Guests {
        public Plain() {
            super(PLAIN, 0, 0);
        }
    }

    /** The same with packed rings. */
    public static class Packed extends Guests {
        public Packed() {
            super(PLAIN, Features.RING_PACKED, Features.RING_PACKED);
        }
    }

    /** What the one leaves undone the other takes so. */
    public static class Offloading extends Guests {
        public Offloading() {
            super(PLAIN, Features.NET_OFFLOADS, Features.NET_OFFLOADS);
        }
    }

    /** The same with room for large frames. */
    public static class Large extends Guests {
        public Large() {
            super(ROOMY, Features.NET_OFFLOADS, Features.NET_OFFLOADS);
        }
    }

    /** The sender describes nearly every byte by a descriptor of its own. */
    public static class Dear extends Guests {
        public Dear() {
            super(DEAR, Features.INDIRECT_DESC, 0);
        }
    }

    /** What the one leaves undone has to be done in software. */
    public static class Cutting extends Guests {
        public Cutting() {
            super(ROOMY, Features.NET_OFFLOADS, 0);
        }
    }

    /** Direct delivery. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int direct(Plain guests) {
        return guests.exchange(BATCH, SHORT_LENGTH, BATCH);
    }

    /** The same between packed rings. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int packed(Packed guests) {
        return guests.exchange(BATCH, SHORT_LENGTH, BATCH);
    }

    /** As {@link #direct}, while each frame's checksum is left to the receiver. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int checksum(Offloading guests) {
        return guests.exchange(BATCH, SHORT_LENGTH, BATCH);
    }

    /** A frame of 300 bytes in 250 descriptors of an indirect table. */
    @Benchmark
    @OperationsPerInvocation(DEAR_BATCH)
    public int dear(Dear guests) {
        return guests.exchange(DEAR_BATCH, DEAR_LENGTH, DEAR_BATCH);
    }

    /** A TCP frame of 64 KiB, passed on whole into 32 mergeable buffers. */
    @Benchmark
    @OperationsPerInvocation(LARGE_BATCH)
    public int large(Large guests) {
        return guests.exchange(LARGE_BATCH, LARGE_LENGTH, LARGE_BATCH);
    }

    /** The same, cut into 45 packets with their checksums computed. */
    @Benchmark
    @OperationsPerInvocation(LARGE_BATCH)
    public int cut(Cutting guests) {
        return guests.exchange(LARGE_BATCH, LARGE_LENGTH, LARGE_BATCH * 45);
    }
}
