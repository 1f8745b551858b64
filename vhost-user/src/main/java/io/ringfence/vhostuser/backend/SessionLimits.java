package io.ringfence.vhostuser.backend;

import java.time.Duration;

/**
 * How long a session waits for its front-end before it ends, and how much it is served.
 *
 * @param message from the first byte of a message to its last
 * @param reply from a reply that the socket did not take to the front-end having read it
 * @param silence from the connection to the first request, if somebody else wants to connect meanwhile
 * @param requestsPerSecond of all sessions of a socket one after the other: {@link RequestAllowance}
 * @param requestsAtOnce beyond that: a guest with eight queue pairs takes some 300 to start
 */
record SessionLimits(Duration message, Duration reply, Duration silence, int requestsPerSecond, int requestsAtOnce) {
    static final SessionLimits DEFAULT =
            new SessionLimits(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(5), 500, 4000);

    /** What the front-ends of a device's socket are served from now on. */
    RequestAllowance allowance(Device device) {
        return new RequestAllowance(requestsPerSecond, requestsAtOnce, System.nanoTime(), device::heldBack);
    }
}
