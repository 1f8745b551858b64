package io.ringfence.vhostuser.linux;

import com.sun.jna.Native;

/** A limit on this process's descriptors (RLIMIT_NOFILE). */
public final class DescriptorLimit {
    static {
        Native.register(DescriptorLimit.class, "c");
    }

    private static final int RLIMIT_NOFILE = 7;

    private DescriptorLimit() {}

    private static native int getrlimit(int resource, long[] limits);

    private static native int setrlimit(int resource, long[] limits);

    /** What is done under the limit. */
    public interface Step {
        void run() throws Exception;
    }

    /** Allows no more than so many meanwhile; those that are open stay so. */
    public static void during(int most, Step step) throws Exception {
        long[] before = new long[2]; // struct rlimit: soft, hard
        Libc.check("getrlimit", getrlimit(RLIMIT_NOFILE, before));
        Libc.check("setrlimit", setrlimit(RLIMIT_NOFILE, new long[] {most, before[1]}));
        try {
            step.run();
        } finally {
            Libc.check("setrlimit", setrlimit(RLIMIT_NOFILE, before));
        }
    }
}
