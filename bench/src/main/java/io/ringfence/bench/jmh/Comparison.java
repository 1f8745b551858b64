package io.ringfence.bench.jmh;

import io.ringfence.bench.jmh.JmhResult.Score;

/** A benchmark's score beside that of the baseline. */
record Comparison(Score now, Score then) {
    /** What the two say. */
    enum Verdict {
        WITHIN_ERROR("within error"),
        FASTER("faster"),
        SLOWER("SLOWER");

        private final String words;

        Verdict(String words) {
            this.words = words;
        }

        /** As reports say it. */
        String words() {
            return words;
        }
    }

    /** How many times as long it takes now. */
    double ratio() {
        return now.nanos() / then.nanos();
    }

    /** Another time counts as one only if the intervals of both do not touch. */
    Verdict verdict() {
        double difference = now.nanos() - then.nanos();
        if (Math.abs(difference) <= now.errorNanos() + then.errorNanos()) {
            return Verdict.WITHIN_ERROR;
        }
        return difference < 0 ? Verdict.FASTER : Verdict.SLOWER;
    }
}
