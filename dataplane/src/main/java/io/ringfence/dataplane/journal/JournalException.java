package io.ringfence.dataplane.journal;

/** A journal that cannot be kept or read; the message says which directory, why, and what to do. */
public final class JournalException extends RuntimeException {
    private static final long serialVersionUID = 1;

    JournalException(String message) {
        super(message);
    }

    JournalException(String message, Throwable cause) {
        super(message, cause);
    }
}
