package io.ringfence.bench.demo;

import io.ringfence.bench.demo.Outcome.Phase;

/** Who watches an act. */
interface Audience {
    /** So it was until now. */
    void sample(Sample sample);

    /** A phase is over. */
    void over(Phase phase);
}
