package io.ringfence.scheduler;

import io.ringfence.scheduler.linux.Proc;
import java.util.List;
import java.util.stream.Stream;

/**
 * The JVM's own threads that workers may have to wait for: compilers, ZGC's and the one that brings all to a safepoint.
 *
 * <p>A worker whose compiled code met something new is interpreted, some twenty times slower, until it is compiled again; and it
 * asks for that under a lock that the compilers take too. So a compiler that waits for its CPU, perhaps with that lock, holds
 * up a worker that the kernel schedules perfectly: beside a busy loop of niceness -10 for 0.4 s (measured). The same goes for a
 * safepoint whose VM thread waits.
 */
public final class ServiceThreads {
    /** With this, a thread gets 87 times what one of niceness 0 does, and they get the rest. */
    static final int NICENESS = -20;

    /** The beginnings of their names, which the kernel cuts at 15 characters. */
    private static final List<String> NAMES =
            List.of("C1 Compiler", "C2 Compiler", "VM Thread", "ZDirector", "ZDriver", "ZWorker");

    private ServiceThreads() {}

    /**
     * Has them go before whatever else runs on their CPUs under the default policy; those that the JVM starts later are not
     * found.
     *
     * @throws SchedulingRefusedException if the kernel refuses, for want of CAP_SYS_NICE
     */
    public static void goFirst() {
        threads().forEach(threadId -> ThreadScheduling.applyOther(threadId, NICENESS));
    }

    static Stream<Integer> threads() {
        return Proc.threads().stream()
                .filter(threadId -> Proc.status(threadId, "Name")
                        .filter(name -> NAMES.stream().anyMatch(name::startsWith))
                        .isPresent());
    }
}
