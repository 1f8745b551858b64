package io.ringfence.bench.claiming;

import io.ringfence.bench.claiming.PlayedGuest.Receiving;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicBoolean;
import org.HdrHistogram.Histogram;

/** The guest that receives: reads the beginning of each frame, counts, and checks that none was lost or has overtaken another. */
final class Inbox {
    static final int STAMP_OFFSET = 16;
    static final int NUMBER_OFFSET = 24;
    /** In the upper bits of a frame's number. */
    static final int SENDER_SHIFT = 56;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final int BURST = 256;
    private static final int SENDERS = 2;
    private static final long LONGEST_NANOS = 10_000_000_000L;
    /** Of a flood, the latency of one frame in so many is recorded. */
    private static final int SAMPLED = 16;

    private final AtomicBoolean taken = new AtomicBoolean();
    private final Receiving guest;
    private final boolean victimOnly;
    private final long[] next = new long[SENDERS];
    private final Histogram latencies = new Histogram(LONGEST_NANOS, 3);
    private Phase phase = Phase.WARMING_UP;
    private long nowNanos;
    private long measured;

    /** @param victimOnly whether the latencies of the second sender are wanted, instead of a sample of all */
    Inbox(Receiving guest, boolean victimOnly) {
        this.guest = guest;
        this.victimOnly = victimOnly;
    }

    /** Polls once, unless another thread just does; any thread. */
    void tryPoll(Phase now) {
        if (!taken.get() && taken.compareAndSet(false, true)) {
            phase = now;
            nowNanos = System.nanoTime();
            guest.queue().poll(this::frame, BURST);
            taken.set(false);
        }
    }

    private void frame(MemorySegment memory, long at, int lengthBytes) {
        long number = memory.get(LONG, at + NUMBER_OFFSET);
        int sender = (int) (number >>> SENDER_SHIFT);
        long count = number & (1L << SENDER_SHIFT) - 1;
        if (count != next[sender]) {
            throw new IllegalStateException(
                    "frame %d of sender %d arrived, expected %d".formatted(count, sender, next[sender]));
        }
        next[sender]++;
        if (phase == Phase.MEASURING) {
            measured++;
            if (victimOnly ? sender == 1 : count % SAMPLED == 0) {
                long nanos = nowNanos - memory.get(LONG, at + STAMP_OFFSET); // below 0: came while this was read
                latencies.recordValue(Math.clamp(nanos, 0, LONGEST_NANOS));
            }
        }
    }

    /** Frames that have ever come from a sender. When nobody polls. */
    long received(int sender) {
        return next[sender];
    }

    /** Frames that came in the phase that is measured. When nobody polls. */
    long measured() {
        return measured;
    }

    /** From the time at which a frame was offered to that at which the guest looked and found it. When nobody polls. */
    Histogram latencies() {
        return latencies;
    }
}
