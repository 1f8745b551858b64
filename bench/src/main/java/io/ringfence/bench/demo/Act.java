package io.ringfence.bench.demo;

/** One part of the demo: by what the VMs are served, and whether neighbours disturb. */
enum Act {
    ALONE(
            1,
            "the victim alone, under Ringfence",
            "Every VM has a thread of its own with CPU time reserved for it. The neighbours are silent."),
    SHARED(
            2,
            "noisy neighbours, one shared thread",
            "One thread polls for all VMs in turn, as switches with a poll-mode thread do. After a"
                    + " quarter of the time the neighbours start to send."),
    RINGFENCE(
            3,
            "the same neighbours, under Ringfence",
            "A thread for each VM again. The neighbours get the CPU time reserved for them, and not the victim's.");

    private final int number;
    private final String title;
    private final String explanation;

    Act(int number, String title, String explanation) {
        this.number = number;
        this.title = title;
        this.explanation = explanation;
    }

    /** Its place in the demo, from 1. */
    int number() {
        return number;
    }

    /** @param reserved whether this host gives the workers CPU time of their own */
    String title(boolean reserved) {
        return reserved || isShared() ? title : title.replace("under Ringfence", "a thread for each VM");
    }

    /**
     * What is to be seen, in plain words.
     *
     * @param reserved whether this host gives the workers CPU time of their own
     */
    String explanation(boolean reserved) {
        return reserved || isShared()
                ? explanation
                : "Every VM has a thread of its own, but no CPU time is reserved for any of them.";
    }

    /** Whether one thread serves all VMs, rather than Ringfence. */
    boolean isShared() {
        return this == SHARED;
    }

    /** Whether neighbours come, after a while. */
    boolean hasNeighbours() {
        return this != ALONE;
    }
}
