/** {@code ringfence bench visits}: latency, frames per second and CPU time by the numbers of the visit policy. */
@NullMarked
package io.ringfence.bench.visits;

import org.jspecify.annotations.NullMarked;
