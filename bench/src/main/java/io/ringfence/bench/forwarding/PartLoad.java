package io.ringfence.bench.forwarding;

/**
 * A part of what can be carried one way, at which latency is measured.
 *
 * <p>Parts of what each system carries itself are different rates: who carries more is asked for more. So systems are compared
 * at one rate for all.
 */
enum PartLoad {
    /** The same rate for all systems, which none of them can find hard. */
    COMMON(10, "10 % of the least that any carried"),
    OWN_10(10, "10 % of its own"),
    OWN_50(50, "50 % of its own"),
    OWN_90(90, "90 % of its own");

    private final int percent;
    private final String title;

    PartLoad(int percent, String title) {
        this.percent = percent;
        this.title = title;
    }

    /** How reports call it. */
    String title() {
        return title;
    }

    /**
     * Frames to be sent a second.
     *
     * @param own frames a second that the system carried
     * @param least frames a second that the slowest system carried
     */
    int perSecond(double own, double least) {
        return (int) Math.max(1, (this == COMMON ? least : own) * percent / 100);
    }
}
