package io.ringfence.bench.peer;

/**
 * What a switch lets a port send; the rest is dropped.
 *
 * @param framesPerSecond at least 1000
 * @param kilobitsPerSecond at least 1000
 */
public record Policing(int framesPerSecond, int kilobitsPerSecond) {
    /** How much may come at once: what the rates allow in this time. */
    private static final int BURSTS_PER_SECOND = 100;

    private static final int LEAST = 1000;

    public Policing {
        if (framesPerSecond < LEAST || kilobitsPerSecond < LEAST) {
            throw new IllegalArgumentException("policing to %d frames/s and %d kbit/s: expected %d of each at least"
                    .formatted(framesPerSecond, kilobitsPerSecond, LEAST));
        }
    }

    int burstFrames() {
        return framesPerSecond / BURSTS_PER_SECOND;
    }

    int burstKilobits() {
        return kilobitsPerSecond / BURSTS_PER_SECOND;
    }
}
