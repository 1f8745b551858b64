package io.ringfence.vhostuser.backend;

import java.time.Duration;

/**
 * How long a session waits for its front-end before it ends.
 *
 * @param message from the first byte of a message to its last
 * @param reply from a reply that the socket did not take to the front-end having read it
 * @param silence from the connection to the first request, if somebody else wants to connect meanwhile
 */
record SessionLimits(Duration message, Duration reply, Duration silence) {
    static final SessionLimits DEFAULT =
            new SessionLimits(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(5));
}
