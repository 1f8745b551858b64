package io.ringfence.bench.claiming;

/** Who sends, and where. The guest that receives polls; its time is in no figure. */
enum Arrangement {
    WARM("alone, warm", "one sender; its own thread plays the guest between two batches", 1, Guest.IN_TURNS),
    ALONE("alone", "one sender; the guest on the other CPU", 1, Guest.ON_LOAD_CPU),
    TWO_CPUS(
            "two CPUs", "two senders, a CPU each; they play the guest in turns between two batches", 2, Guest.IN_TURNS),
    ONE_CPU(
            "one CPU",
            "two senders on one CPU under SCHED_OTHER, so that the kernel interrupts one for the other anywhere in a batch; the guest"
                    + " on the other CPU",
            2,
            Guest.ON_LOAD_CPU),
    PREEMPTED(
            "preempted",
            "a flood under SCHED_OTHER, preempted by a victim under SCHED_FIFO that sends %d frames each %d us; latencies are the victim's;"
                            .formatted(Party.PACED_FRAMES, Party.PACED_NANOS / 1_000)
                    + " the guest on the other CPU",
            2,
            Guest.ON_LOAD_CPU);

    /** Who plays the guest. */
    private enum Guest {
        IN_TURNS,
        ON_LOAD_CPU
    }

    private final String title;
    private final String meaning;
    private final int senders;
    private final Guest guest;

    Arrangement(String title, String meaning, int senders, Guest guest) {
        this.title = title;
        this.meaning = meaning;
        this.senders = senders;
        this.guest = guest;
    }

    String title() {
        return title;
    }

    String meaning() {
        return meaning;
    }

    int senders() {
        return senders;
    }

    /** Whether the senders play the guest. */
    boolean guestInTurns() {
        return guest == Guest.IN_TURNS;
    }

    /** Whether the second sender is on the CPU of everything else. */
    boolean spread() {
        return this == TWO_CPUS;
    }

    /** Whether the second sender is the one that preempts. */
    boolean preempts() {
        return this == PREEMPTED;
    }

    /** Whether latencies tell something: where a sender can be interrupted. */
    boolean isTimed() {
        return this == ONE_CPU || this == PREEMPTED;
    }
}
