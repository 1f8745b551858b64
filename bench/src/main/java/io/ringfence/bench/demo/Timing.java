package io.ringfence.bench.demo;

/**
 * How the time of an act is divided.
 *
 * @param seconds all of it; whole seconds
 */
record Timing(int seconds) {
    private static final double SAMPLE_SECONDS = 0.5;
    /** As many as fit into a line. */
    private static final int MOST_SAMPLES = 60;

    /** The neighbours come after this time, a quarter of the act, and between two samples. */
    double aloneSeconds() {
        return Math.max(1, Math.round(seconds / 4.0 / sampleSeconds())) * sampleSeconds();
    }

    /** How often there is something new to see. */
    double sampleSeconds() {
        return Math.max(SAMPLE_SECONDS, (double) seconds / MOST_SAMPLES);
    }

    /** The resolution of latency over time. */
    double sliceSeconds() {
        return sampleSeconds() / 5;
    }
}
