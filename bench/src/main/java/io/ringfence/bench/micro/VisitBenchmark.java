package io.ringfence.bench.micro;

import io.ringfence.dataplane.control.SyntheticGuest;
import io.ringfence.dataplane.control.SyntheticLan;
import io.ringfence.vhostuser.frontend.QueueOptions;
import io.ringfence.vhostuser.protocol.Features;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A whole visit: 64 frames of 60 bytes from one guest straight to another; the work of both guests is in the figure. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class VisitBenchmark {
    private static final int BATCH = 64;
    private static final int FRAME_LENGTH = 60;
    private static final long VISIT_NANOS = 1_000_000;
    private static final long FEATURES = Features.VERSION_1 | Features.EVENT_IDX | Features.NET_MRG_RXBUF;
    private static final long SENDER_ADDRESS = 0x0102_0304_0002L;
    private static final long RECEIVER_ADDRESS = 0x0202_0304_0002L;
    private static final int SENDER = 1;

    private final SyntheticGuest receiver = guest();
    private final SyntheticGuest sender = guest();
    /** The sender is the second: the first has a limit. */
    private final SyntheticLan lan = new SyntheticLan(List.of(receiver, sender));

    private static SyntheticGuest guest() {
        QueueOptions queue = QueueOptions.ofSize(256);
        try {
            return new SyntheticGuest(queue, queue, FEATURES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Direct delivery. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int direct() {
        sender.offer(BATCH, FRAME_LENGTH, SENDER_ADDRESS, RECEIVER_ADDRESS);
        long now = System.nanoTime();
        lan.port(SENDER).visit(now, now + VISIT_NANOS);
        int taken = receiver.take(BATCH);
        if (taken != BATCH) {
            throw new IllegalStateException("%d frames arrived, expected %d".formatted(taken, BATCH));
        }
        return taken;
    }
}
