/** Measures what packet work costs on this host: the cost model that guarantees are derived from. */
@NullMarked
package io.ringfence.bench.calibrate;

import org.jspecify.annotations.NullMarked;
