package io.ringfence.vhostuser.backend;

import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Something that a front-end is to do in time, again and again; used by its event loop's thread only. */
final class Deadline {
    private final IoEventLoop loop;
    private final Duration limit;
    private final Runnable onMissed;
    private @Nullable ScheduledFuture<?> running;

    /** @param onMissed runs on the event loop's thread when the limit is over, unless it was cancelled before */
    Deadline(IoEventLoop loop, Duration limit, Runnable onMissed) {
        this.loop = loop;
        this.limit = limit;
        this.onMissed = onMissed;
    }

    /** Begins to run; one that runs goes on as it is. */
    void begin() {
        if (running == null) {
            running = loop.schedule(onMissed, limit.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /** It was done in time, or is not wanted any more. */
    void cancel() {
        if (running != null) {
            running.cancel(false);
            running = null;
        }
    }
}
