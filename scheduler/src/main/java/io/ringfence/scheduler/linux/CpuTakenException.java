package io.ringfence.scheduler.linux;

/** A partition could not be made because its CPU belongs to another cpuset, or is not there; the message says whose. */
public final class CpuTakenException extends CpusetException {
    private static final long serialVersionUID = 1;

    CpuTakenException(String message) {
        super(message);
    }
}
