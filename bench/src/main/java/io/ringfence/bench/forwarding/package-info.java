/** {@code ringfence bench forwarding}: frames per second through Ringfence and its peers, in turn. */
@NullMarked
package io.ringfence.bench.forwarding;

import org.jspecify.annotations.NullMarked;
