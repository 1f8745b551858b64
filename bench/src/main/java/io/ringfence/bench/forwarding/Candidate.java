package io.ringfence.bench.forwarding;

import java.util.Optional;

/**
 * What is measured in turn with the others: a switch between guests whose queues have one layout.
 *
 * @param rings of both guests, by our generator as by testpmd
 */
record Candidate(Contender system, Rings rings) {
    /** How reports call it; unique. */
    String title() {
        return rings == Rings.PACKED ? system.title() + ", packed" : system.title();
    }

    /** How it carries frames, in one sentence. */
    String method() {
        return rings == Rings.PACKED ? "the same between guests with packed queues." : system.method();
    }

    /** Why it cannot be measured here, with the remedy if there is one; empty if nothing is missing. */
    Optional<String> obstacle() {
        Optional<String> missing = system.obstacle();
        return missing.isPresent() || rings == Rings.SPLIT ? missing : system.packedRingsObstacle();
    }
}
