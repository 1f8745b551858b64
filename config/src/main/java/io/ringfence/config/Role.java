package io.ringfence.config;

/** Which side of a vhost-user socket Ringfence takes. */
public enum Role {
    /** Ringfence listens; the front-end connects. */
    SERVER,
    /** The front-end listens; Ringfence connects, and again whenever the connection is lost. */
    CLIENT
}
