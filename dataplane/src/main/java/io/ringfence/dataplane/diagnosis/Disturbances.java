package io.ringfence.dataplane.diagnosis;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The threads that disturb a run. */
public final class Disturbances implements AutoCloseable {
    private final List<PacedThread> threads = new ArrayList<>();

    private Disturbances() {}

    /** Starts what is wanted of them, on the CPUs of the caller. */
    public static Disturbances start(Set<Diagnosis> wanted) {
        Disturbances disturbances = new Disturbances();
        for (Diagnosis diagnosis : wanted) {
            switch (diagnosis) {
                case GARBAGE -> disturbances.start(diagnosis, Garbage.EVERY_NANOS, new Garbage());
                case SAFEPOINTS -> disturbances.start(diagnosis, Safepoint.EVERY_NANOS, new Safepoint());
                case UNMETERED, SHARED_THREAD, OVERRUNS -> {
                    // matters of the workers
                }
            }
        }
        return disturbances;
    }

    private void start(Diagnosis diagnosis, long everyNanos, Runnable step) {
        threads.add(PacedThread.start("diagnosis-" + diagnosis.word(), everyNanos, step));
    }

    /** Ends them; returns when they have ended. */
    @Override
    public void close() {
        threads.reversed().forEach(PacedThread::close);
        threads.clear();
    }
}
