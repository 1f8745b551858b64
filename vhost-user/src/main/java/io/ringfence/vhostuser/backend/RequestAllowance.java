package io.ringfence.vhostuser.backend;

import io.ringfence.vhostuser.protocol.Request;
import java.util.function.Consumer;

/**
 * What the front-ends of one socket are served: so much a second, and as much more at once as nobody exceeds who starts a guest.
 *
 * <p>A guest alone can make its front-end ask without end: QEMU sends a SET_VRING_CALL whenever a driver masks or unmasks an
 * interrupt. Each request takes time from CPUs that all VMs share, and unmapping a region halts each thread of the JVM for a moment.
 * So whoever asks more than that is read more slowly: nothing is refused, and when the socket is full it is the front-end that waits.
 *
 * <p>The generic cell rate algorithm (ITU-T I.371, annex A). Used by one event loop's thread.
 */
final class RequestAllowance {
    /** A connection, beside its requests: what is set up and taken down with it. */
    static final int CONNECTION = 16;

    private static final int MEMORY_CHANGE = 8;
    private static final int REQUEST = 1;

    /** Once held back, a front-end waits until so many are earned: a timer for each would cost what is to be saved. */
    private static final int EARNED_PER_PAUSE = 16;

    private final long nanosEach;
    private final long burstNanos;
    private final Runnable tell;

    /** When everything served so far will have been earned. */
    private long earnedAtNanos;

    private boolean told;

    /**
     * @param perSecond requests
     * @param burst requests at once, 1 or more
     * @param nowNanos as {@link System#nanoTime}
     * @param listener is told, in words, when somebody is held back, and again only if all was earned meanwhile
     */
    RequestAllowance(int perSecond, int burst, long nowNanos, Consumer<String> listener) {
        nanosEach = 1_000_000_000L / perSecond;
        burstNanos = burst * nanosEach;
        earnedAtNanos = nowNanos;
        tell = () -> listener.accept(
                "front-end made more than %d requests at once: it is served %d a second until it has paused"
                        .formatted(burst, perSecond));
    }

    /** What a request counts, in requests. */
    static int weight(Request request) {
        return switch (request) {
            case SET_MEM_TABLE, ADD_MEM_REG, REM_MEM_REG -> MEMORY_CHANGE;
            default -> REQUEST;
        };
    }

    /** Counts what is served now. */
    void spend(int weight, long nowNanos) {
        if (earnedAtNanos - nowNanos <= 0) {
            earnedAtNanos = nowNanos;
            told = false;
        }
        earnedAtNanos += weight * nanosEach;
    }

    /** For how long the caller is to hold back whoever comes next; 0 if it may be served at once. */
    long holdBackNanos(long nowNanos) {
        long excess = earnedAtNanos - nowNanos - burstNanos;
        if (excess <= 0) {
            return 0;
        }
        if (!told) {
            told = true;
            tell.run();
        }
        return excess + EARNED_PER_PAUSE * nanosEach;
    }
}
