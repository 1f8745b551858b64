package io.ringfence.dataplane.diagnosis;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** Has the JVM bring all threads to a safepoint: nobody can say what all of them do at one moment otherwise. */
final class Safepoint implements Runnable {
    static final long EVERY_NANOS = 5_000_000;

    private static final int DEPTH = 1;

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

    @Override
    public void run() {
        threads.dumpAllThreads(false, false, DEPTH);
    }
}
