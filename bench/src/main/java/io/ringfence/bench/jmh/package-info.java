/** {@code ringfence bench jmh}: runs the benchmarks of {@code micro} and compares them with a stored baseline. */
@NullMarked
package io.ringfence.bench.jmh;

import org.jspecify.annotations.NullMarked;
