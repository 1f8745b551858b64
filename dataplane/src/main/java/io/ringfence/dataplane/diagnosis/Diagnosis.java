package io.ringfence.dataplane.diagnosis;

import java.util.Locale;

/** What {@code ringfence run --diagnose} can do to a run. None of it is for production. */
public enum Diagnosis {
    UNMETERED("no worker meters its budget, and the kernel throttles each of them wherever it is, in Java code too"),
    GARBAGE("a thread allocates 400 MB a second"),
    SAFEPOINTS("a thread forces a safepoint every 5 ms"),
    SHARED_THREAD("one thread polls for all VMs, under SCHED_OTHER if `scheduling: other` allows that"),
    OVERRUNS("the kernel interrupts a worker to tell of an overrun; counted as host/overrun-signals");

    private final String effect;

    Diagnosis(String effect) {
        this.effect = effect;
    }

    /** As it is called on the command line. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What the operator is told. */
    public String warning() {
        return "DIAGNOSIS `" + word() + "` IS ON: " + effect + ". No guarantee holds";
    }
}
