package io.ringfence.dataplane.worker;

import io.ringfence.dataplane.port.GuestPort;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Tally;
import io.ringfence.scheduler.NativeThread;

/**
 * When a worker whose frames are held up has whoever holds the claim go on in its own place ({@link GuestPort#lend}). Owned by
 * the worker.
 */
final class Lending {
    /**
     * A claim that is held for longer is that of a worker that does not run. A batch is bounded to some 10 us, but was seen to
     * last up to 90 when others preempt it; whoever lends then wakes up only to hold it up once more.
     */
    private static final long LEND_AFTER_NANOS = 150_000;

    /**
     * Whoever still has the claim then does not need a deadline, but something else; for example, it is interpreted until the
     * compiler is through. All that it runs meanwhile it owes: its next period is the later, and all may have to wait for it at a
     * safepoint.
     */
    private static final long LEND_FOR_NANOS = 1_000_000;

    /** So it is left alone for some time then. */
    private static final long LEND_AGAIN_AFTER_NANOS = 20_000_000;

    private final GuestPort port;
    private final NativeThread self;
    private final Metering metering;
    private final Tally tally;
    private long lendsFromNanos = System.nanoTime();

    Lending(GuestPort port, NativeThread self, Metering metering, Tally tally) {
        this.port = port;
        this.self = self;
        this.metering = metering;
        this.tally = tally;
    }

    /** Whether frames have waited for a claim long enough. */
    boolean isDue(long now) {
        return port.waitsForClaimNanos(now) > LEND_AFTER_NANOS && now - lendsFromNanos >= 0;
    }

    /** How long until that, if they have waited for so long. */
    long dueInNanos(long waitedNanos, long now) {
        return Math.max(Math.max(LEND_AFTER_NANOS - waitedNanos, lendsFromNanos - now), 0) + 1;
    }

    /** Comes back when whoever holds the frames up is through, or after a time; returns what time it is then. */
    long lend(long now) {
        tally.add(Counter.DEADLINES_LENT, 1);
        metering.aboutToSleep(System.nanoTime());
        boolean through = port.lend(self, now + LEND_FOR_NANOS);
        long back = System.nanoTime();
        if (!through) {
            lendsFromNanos = back + LEND_AGAIN_AFTER_NANOS;
        }
        metering.wokeUp(back);
        return back;
    }
}
