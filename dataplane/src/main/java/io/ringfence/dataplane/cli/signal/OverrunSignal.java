package io.ringfence.dataplane.cli.signal;

import io.ringfence.dataplane.control.Dataplane;
import io.ringfence.scheduler.SchedulingAttributes;
import io.ringfence.scheduler.ThreadScheduling;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * Counts what the kernel says of overruns, for a diagnosis: SIGXCPU to this process for a worker that used its whole runtime,
 * at the first tick that finds it running again. Several overruns may be one signal; none is none.
 */
public final class OverrunSignal {
    private OverrunSignal() {}

    /** Begins to count, for the workers that there are; those that a reload schedules anew are not counted any more. */
    public static void count(Dataplane dataplane) {
        AtomicCounter signals = dataplane.counters().registerForHost("overrun-signals");
        // Before anything asks for it: unhandled, the signal ends the process.
        Signals.handle("XCPU", signals::increment);
        dataplane.workerThreads().stream()
                .mapToInt(Dataplane.WorkerThread::threadId)
                .filter(OverrunSignal::hasReservation)
                .forEach(ThreadScheduling::signalOverruns);
    }

    private static boolean hasReservation(int threadId) {
        return ThreadScheduling.read(threadId).policy() == SchedulingAttributes.Policy.DEADLINE;
    }
}
