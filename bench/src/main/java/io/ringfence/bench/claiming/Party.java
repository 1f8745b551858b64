package io.ringfence.bench.claiming;

import io.ringfence.bench.claiming.PlayedGuest.Transmitting;
import io.ringfence.scheduler.NativeThread;
import io.ringfence.vhostuser.frontend.QueueOptions;
import io.ringfence.vhostuser.frontend.TransmitQueue;
import io.ringfence.vhostuser.virtqueue.SplitVirtqueue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Supplier;

/** One thread of a contest that sends: plays its own guest, which offers frames, and then its worker, which is what is measured. */
final class Party implements AutoCloseable {
    static final int PACED_FRAMES = 4;
    static final long PACED_NANOS = 100_000;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final long ADDRESSES = 0x0304_0202_0202_0402L;
    private static final long MORE_ADDRESSES = 0x0008_0505_0505L;
    /** As long as a worker sleeps that has found nothing to do. */
    private static final long PACE_NANOS = 20_000;

    private final int number;
    private final int lengthBytes;
    private final boolean paced;
    private final Sender sender;
    private final Transmitting guest = new Transmitting(QueueOptions.ofSize(2 * Sender.BATCH));
    private final SplitVirtqueue device = guest.device();
    private long offered;
    private long taken;

    private long measuredFrames;
    private long measuredBatches;
    private long measuredNanos;
    private long cpuNanos;
    private long missed;
    private long leftToOthers;

    /** @param paced whether it sends some frames now and then, instead of a flood */
    Party(int number, int lengthBytes, boolean paced, Sender sender) {
        this.number = number;
        this.lengthBytes = lengthBytes;
        this.paced = paced;
        this.sender = sender;
    }

    /**
     * Sends until it is over.
     *
     * @param inbox polled between two batches if this thread is to play that guest too
     */
    void run(Supplier<Phase> phases, Inbox inbox, boolean playsInbox) {
        try (NativeThread self = new NativeThread()) {
            Phase phase = Phase.WARMING_UP;
            long wakeNanos = System.nanoTime();
            while (phase != Phase.OVER) {
                Phase now = phases.get();
                if (now != phase) {
                    mark(now, self);
                    phase = now;
                }
                offer();
                long before = System.nanoTime();
                int gone = sender.send(device);
                long after = System.nanoTime();
                taken += gone;
                if (phase == Phase.MEASURING && gone > 0) {
                    measuredFrames += gone;
                    measuredBatches++;
                    measuredNanos += after - before;
                }
                if (playsInbox) {
                    inbox.tryPoll(phase);
                } else if (paced) {
                    wakeNanos = Math.max(wakeNanos + PACED_NANOS, after);
                    self.sleepUntil(wakeNanos);
                } else if (gone == 0) {
                    self.sleepUntil(after + PACE_NANOS);
                }
            }
        }
    }

    private void mark(Phase next, NativeThread self) {
        int sign = next == Phase.MEASURING ? -1 : 1;
        cpuNanos += sign * self.cpuTimeNanos();
        missed += sign * sender.missed();
        leftToOthers += sign * sender.leftToOthers();
    }

    private void offer() {
        TransmitQueue queue = guest.queue();
        MemorySegment memory = guest.memory.segment();
        long stamp = System.nanoTime();
        int wanted = paced ? PACED_FRAMES : Sender.BATCH - (int) (offered - taken);
        for (int i = 0; i < wanted; i++) {
            long at = queue.claim(lengthBytes);
            if (at < 0) {
                break;
            }
            memory.set(LONG, at, ADDRESSES);
            memory.set(LONG, at + Long.BYTES, MORE_ADDRESSES);
            memory.set(LONG, at + Inbox.STAMP_OFFSET, stamp);
            memory.set(LONG, at + Inbox.NUMBER_OFFSET, (long) number << Inbox.SENDER_SHIFT | offered++);
            queue.commit();
        }
        queue.flush();
    }

    /** Brings on what it may have left to somebody who has ended; when all senders have. */
    void settle() {
        sender.settle();
    }

    /** Frames that its worker has ever taken. */
    long taken() {
        return taken;
    }

    long measuredFrames() {
        return measuredFrames;
    }

    long measuredBatches() {
        return measuredBatches;
    }

    /** By the clock, while its worker took {@link #measuredFrames}; what the kernel did in between is in it. */
    long measuredNanos() {
        return measuredNanos;
    }

    /** All that the thread did, its guest included. */
    long cpuNanos() {
        return cpuNanos;
    }

    long missed() {
        return missed;
    }

    long leftToOthers() {
        return leftToOthers;
    }

    @Override
    public void close() {
        guest.close();
    }
}
