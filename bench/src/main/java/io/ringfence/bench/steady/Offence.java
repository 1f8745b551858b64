package io.ringfence.bench.steady;

import java.util.List;

/**
 * What workers did that they must not do in steady state, at one place in the code.
 *
 * @param isAllocation or else a deoptimisation
 * @param what happened
 * @param threads of which workers, in alphabetical order
 * @param count how often
 * @param stack where, innermost frame first; empty if the JVM told none
 */
record Offence(boolean isAllocation, String what, List<String> threads, long count, List<String> stack) {
    Offence {
        threads = List.copyOf(threads);
        stack = List.copyOf(stack);
    }
}
