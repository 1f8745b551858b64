package io.ringfence.bench.traffic;

import java.io.Serial;

/** The process of the stations has ended or misbehaves; the message has the last lines that it printed. */
public final class TrafficException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    TrafficException(String message) {
        super(message);
    }
}
