package io.ringfence.vhostuser.backend;

/**
 * What carries the frames behind a session: implemented by whoever uses this library.
 *
 * <p>Called by the session's event loop only; no method may block.
 */
public interface Device {
    /** What to offer to front-ends; constant. */
    DeviceOffer offer();

    /** Where packed queues keep what is to survive this process; nowhere unless a device says otherwise. */
    default RedoLogs redoLogs() {
        return RedoLogs.NOWHERE;
    }

    /** A front-end has connected. */
    void opened(SessionControl session);

    /**
     * Makes the device look like {@code state}.
     *
     * @param applied to be run once, by any thread, when no thread uses memory, queues or descriptors that only an
     *     earlier state names; the session waits for it before it unmaps, closes, replies or goes on
     */
    void configure(DeviceState state, Runnable applied);

    /** The guest's address has moved here, and it cannot announce that itself (SEND_RARP); 6 bytes. */
    void announce(byte[] macAddress);

    /** The session has ended, after {@code configure(DeviceState.empty())} was applied; says why in one sentence. */
    void closed(String reason);

    /** A connection did not become a session: says why, once as long as the reason stays the same. */
    default void refused(String reason) {}

    /** The front-end asks for more than it is served and is read more slowly: says so, once until it has paused. */
    default void heldBack(String reason) {}
}
