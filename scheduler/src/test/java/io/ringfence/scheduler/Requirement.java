package io.ringfence.scheduler;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** What a single test needs of its host: without it the test is skipped, aloud. */
final class Requirement {
    private Requirement() {}

    /** For what CI has to have: it fails there, where CI=true. */
    static void of(boolean met, String what) {
        if (!met) {
            if ("true".equals(System.getenv("CI"))) {
                throw new AssertionError("not skipped because CI=true: it " + what);
            }
        }
        ofKernel(met, what);
    }

    /** For what depends on how the kernel was built and started, which CI has to take as it comes. */
    static void ofKernel(boolean met, String what) {
        if (!met) {
            System.err.println("SKIPPED: it " + what);
        }
        assumeTrue(met, what);
    }
}
