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

    /** A partition would leave no CPU to the rest of the host. */
    static CpusetException lastCpu(int cpu) {
        return new CpusetException("CPU " + cpu + " is the last one outside partitions; the JVM and the rest of the"
                + " host need a housekeeping CPU: take fewer dataplane CPUs");
    }
}
