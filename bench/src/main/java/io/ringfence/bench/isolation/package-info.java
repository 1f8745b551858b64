/** The benchmark of isolation: what a neighbour on the same dataplane CPU costs a VM, by how the workers are scheduled. */
@NullMarked
package io.ringfence.bench.isolation;

import org.jspecify.annotations.NullMarked;
