/** Whether the packet path allocates or is deoptimised while it carries frames. */
@NullMarked
package io.ringfence.bench.steady;

import org.jspecify.annotations.NullMarked;
