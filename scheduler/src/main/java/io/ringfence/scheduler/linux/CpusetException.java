package io.ringfence.scheduler.linux;

/** A partition could not be made, entered or removed; the message says where, why, and what to do. */
public class CpusetException extends Exception {
    private static final long serialVersionUID = 1;

    public CpusetException(String message) {
        super(message);
    }

    public CpusetException(String message, Throwable cause) {
        super(message, cause);
    }
}
