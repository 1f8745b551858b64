/** Front-ends and switches that are not part of this project, and Ringfence itself, as processes that tests and benchmarks drive. */
@NullMarked
package io.ringfence.bench.peer;

import org.jspecify.annotations.NullMarked;
