package io.ringfence.bench.peer;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A peer did not do what it was asked to; the message ends with the last lines that it printed. */
public final class PeerException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    PeerException(String message) {
        super(message);
    }

    PeerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
