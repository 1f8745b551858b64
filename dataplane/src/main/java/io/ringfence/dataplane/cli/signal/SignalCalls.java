package io.ringfence.dataplane.cli.signal;

import com.sun.jna.Native;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** The kernel's side of signals: signal(2). */
final class SignalCalls {
    static final int SIGHUP = 1;
    static final int SIGINT = 2;
    static final int SIGTERM = 15;

    private static final @Nullable Pointer SIG_DFL = null;

    static {
        Native.register(SignalCalls.class, Platform.C_LIBRARY_NAME);
    }

    private SignalCalls() {}

    /** Takes signals from the JVM, or from being ignored: the next of them kills the process, unless it is handled first. */
    static void restoreDefault(int... signals) {
        for (int signal : signals) {
            signal(signal, SIG_DFL);
        }
    }

    private static native Pointer signal(int signal, @Nullable Pointer handler);
}
