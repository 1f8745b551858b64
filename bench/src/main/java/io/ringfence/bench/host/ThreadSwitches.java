package io.ringfence.bench.host;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;

/**
 * How often a thread was off its CPU: because it waited, or because another thread had its turn. See getrusage(2); what a hypervisor
 * takes is not in it.
 */
public final class ThreadSwitches {
    private static final int RUSAGE_THREAD = 1;
    private static final int RUSAGE_BYTES = 144;
    private static final int VOLUNTARY_OFFSET = 128;
    private static final int INVOLUNTARY_OFFSET = 136;

    static {
        Native.register(ThreadSwitches.class, Platform.C_LIBRARY_NAME);
    }

    private final Memory usage = new Memory(RUSAGE_BYTES);

    private static native int getrusage(int who, Pointer usage) throws LastErrorException;

    /** Switches of the calling thread since it was started. */
    public long count() {
        getrusage(RUSAGE_THREAD, usage);
        return usage.getLong(VOLUNTARY_OFFSET) + usage.getLong(INVOLUNTARY_OFFSET);
    }
}
