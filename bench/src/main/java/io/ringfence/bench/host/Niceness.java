package io.ringfence.bench.host;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.Platform;

/**
 * The niceness of single threads, which Linux has instead of one of the whole process; see setpriority(2).
 *
 * <p>Without the right to it, threads keep what they have.
 */
public final class Niceness {
    /** With this, a thread gets ten times what one of niceness 0 does. */
    public static final int BEFORE_OTHERS = -10;

    private static final int PRIO_PROCESS = 0;
    private static final int CALLING_THREAD = 0;

    static {
        Native.register(Niceness.class, Platform.C_LIBRARY_NAME);
    }

    private Niceness() {}

    private static native int setpriority(int which, int thread, int niceness) throws LastErrorException;

    /** Gives it to the calling thread. */
    public static void takeOn(int niceness) {
        try {
            setpriority(PRIO_PROCESS, CALLING_THREAD, niceness);
        } catch (LastErrorException e) {
            // No right to it: what that does to a measurement, the measurement tells.
        }
    }
}
