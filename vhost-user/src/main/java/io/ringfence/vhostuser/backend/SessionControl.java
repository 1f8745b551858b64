package io.ringfence.vhostuser.backend;

/** How a device acts on the session in front of it. */
public interface SessionControl {
    /** Ends the session for this reason; returns at once. Any thread may call it, any number of times. */
    void end(String reason);
}
