package io.ringfence.scheduler;

import io.ringfence.scheduler.linux.Proc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/** The JVM's own thread that brings all others to a safepoint. */
public final class VmThread {
    private static final String NAME = "VM Thread";

    private VmThread() {}

    /**
     * Lets it sleep no longer than it means to. If a thread has not stopped at first sight, it naps for 10 us (HotSpot's
     * safepoint.cpp); with the 50 us of slack that the kernel adds to the timers of ordinary threads these become 60 to 100,
     * for which all threads that have stopped wait.
     *
     * @return false if the kernel refuses, for want of CAP_SYS_NICE, or if this JVM has no such thread
     */
    public static boolean sleepPrecisely() {
        OptionalInt threadId = threadId();
        if (threadId.isEmpty()) {
            return false;
        }
        try {
            Files.writeString(slack(threadId.getAsInt()), "1");
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    /** By /proc: prctl(2) is for the calling thread only. */
    static Path slack(int threadId) {
        return Path.of("/proc/" + threadId + "/timerslack_ns");
    }

    static OptionalInt threadId() {
        return Proc.threads().stream()
                .filter(threadId -> Proc.status(threadId, "Name").equals(Optional.of(NAME)))
                .mapToInt(Integer::intValue)
                .findFirst();
    }
}
