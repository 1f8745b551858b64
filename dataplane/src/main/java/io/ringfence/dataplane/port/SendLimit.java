package io.ringfence.dataplane.port;

import io.ringfence.dataplane.delivery.FrameBatch;
import org.jspecify.annotations.Nullable;

/**
 * What a VM may send at most, in frames and in bits, over all of its transmit queues.
 *
 * <p>It shapes: a frame above the limit stays in its guest's own ring, which costs nobody anything, loses nothing and lets
 * the guest feel it. A policer would spend the sender's time on frames only to drop them. The worker comes back when the
 * next frame is due, though not for each one: see {@link #waitNanos}.
 *
 * <p>Whether a frame fits is decided before it is copied. It counts once, wherever it goes, also if it is dropped then. Owned by
 * the VM's worker; allocates nothing.
 */
public final class SendLimit {
    private static final long MIN_BURST_FRAMES = 16;
    /** A hundredth of a second: well above the periods of workers, so that nothing is lost while one waits its turn. */
    private static final long DEFAULT_BURST_PART = 100;
    /** Below this a wake-up would bring a few frames only, and cost more than they do. */
    private static final long LEISURE_NANOS = 1_000_000;

    private final @Nullable TokenBucket frames;
    private final @Nullable TokenBucket bits;
    private final int maxFrameLength;
    private final long leisureNanos;
    private long waitNanos;

    /**
     * @param framesPerSecond 0 for no limit
     * @param bitsPerSecond of Ethernet frames, without preamble and checksum; 0 for no limit
     * @param burstFrames at once, for the limit in bits of the longest kind; 0 for what the limit lets through in 10 ms, at
     *     least 16 frames
     * @param maxFrameLength of the network, in bytes; longer ones count as so long, and are dropped anyway
     */
    public SendLimit(long framesPerSecond, long bitsPerSecond, int burstFrames, int maxFrameLength, long nowNanos) {
        this.maxFrameLength = maxFrameLength;
        frames = bucket(framesPerSecond, burstFrames, 1, nowNanos);
        bits = bucket(bitsPerSecond, burstFrames, 8L * maxFrameLength, nowNanos);
        long leisure = LEISURE_NANOS;
        if (frames != null) {
            leisure = Math.min(leisure, frames.fillNanos() / 2);
        }
        if (bits != null) {
            leisure = Math.min(leisure, bits.fillNanos() / 2);
        }
        leisureNanos = leisure;
    }

    private static @Nullable TokenBucket bucket(long perSecond, int burstFrames, long frame, long nowNanos) {
        if (perSecond == 0) {
            return null;
        }
        long burst = burstFrames > 0
                ? burstFrames * frame
                : Math.max(perSecond / DEFAULT_BURST_PART, MIN_BURST_FRAMES * frame);
        return new TokenBucket(perSecond, Math.min(burst, TokenBucket.MAX_CAPACITY), nowNanos);
    }

    /** Begins a visit. */
    void begin(long nowNanos) {
        waitNanos = 0;
        if (frames != null) {
            frames.refill(nowNanos);
        }
        if (bits != null) {
            bits.refill(nowNanos);
        }
    }

    /** How many of these waiting frames may be looked at; if none, the visit holds back what is there. */
    int admit(int waiting) {
        if (frames == null) {
            return waiting;
        }
        long available = frames.available();
        if (available <= 0) {
            holdBack(frames.nanosUntil(1));
            return 0;
        }
        return (int) Math.min(waiting, available);
    }

    /**
     * How many of the next frames of a batch, of which as many were admitted, have room in the buckets; longer ones than the
     * network allows have none.
     */
    int fitting(FrameBatch batch) {
        // While packets are owed, fewer than none are available.
        int left = frames == null ? batch.left() : Math.clamp(frames.available(), 0, batch.left());
        return bits == null || bits.has(bits(left, Integer.MAX_VALUE))
                ? left
                : Math.min(left, batch.within(bits.available() / Byte.SIZE));
    }

    /** Takes what frames cost that {@link #fitting} allowed. */
    void take(int count, long lengthBytes) {
        if (bits != null) {
            bits.take(Byte.SIZE * lengthBytes);
        }
        if (frames != null) {
            frames.take(count);
        }
    }

    /**
     * Takes what a frame costs; false if the visit holds it back.
     *
     * <p>One that stands for several packets costs what those do. If that is more than a burst, it goes when the buckets are
     * full, on credit: the next ones wait until it is paid for.
     *
     * @param packets that the frame stands for
     * @param lengthBytes of all of them
     */
    boolean take(int packets, int lengthBytes) {
        long cost = bits(packets, lengthBytes);
        if (holdsBack(bits, cost) || holdsBack(frames, packets)) {
            return false;
        }
        if (bits != null) {
            bits.take(cost);
        }
        if (frames != null) {
            frames.take(packets);
        }
        return true;
    }

    private boolean holdsBack(@Nullable TokenBucket bucket, long cost) {
        if (bucket == null) {
            return false;
        }
        long wanted = Math.min(cost, bucket.capacity());
        if (bucket.has(wanted)) {
            return false;
        }
        holdBack(bucket.nanosUntil(wanted));
        return true;
    }

    /** Gives back what a frame cost that stays in its ring for another reason. */
    void putBack(int packets, int lengthBytes) {
        if (bits != null) {
            bits.take(-bits(packets, lengthBytes));
        }
        if (frames != null) {
            frames.take(-packets);
        }
    }

    private long bits(int packets, int lengthBytes) {
        return Byte.SIZE * Math.min(lengthBytes, (long) packets * maxFrameLength);
    }

    private void holdBack(long dueNanos) {
        waitNanos = Math.max(dueNanos, leisureNanos);
    }

    /**
     * How long frames have to wait that were held back since {@link #begin}: until the first is due, and half the burst or
     * a millisecond at least, so that a wake-up brings many; 0 if none was.
     */
    long waitNanos() {
        return waitNanos;
    }
}
