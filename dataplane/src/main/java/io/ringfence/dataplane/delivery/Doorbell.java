package io.ringfence.dataplane.delivery;

import io.ringfence.vhostuser.event.EventFd;

/**
 * How other threads wake a worker that sleeps until there is work.
 *
 * <p>The worker {@link #listen}s, looks for work once more, and only then blocks on {@link #event}. Whoever makes work
 * for it does so first and rings second. Both sides write before they read (volatile accesses), so that at least one
 * sees the other: no work is left behind by a sleeping worker.
 */
public final class Doorbell implements AutoCloseable {
    private final EventFd event = EventFd.create();
    private volatile boolean listening;

    /** What the worker waits for. */
    public EventFd event() {
        return event;
    }

    /** The worker is about to block; only the worker calls this. */
    public void listen() {
        listening = true;
    }

    /** The worker is awake and looks for work by itself; only the worker calls this. */
    public void ignore() {
        listening = false;
    }

    /** Wakes the worker if it sleeps; any thread, never blocks. */
    public void ring() {
        if (listening) {
            event.signal();
        }
    }

    @Override
    public void close() {
        event.close();
    }
}
