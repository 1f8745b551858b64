/** Benchmarks: what Ringfence carries, beside what its peers carry in the same run. */
@NullMarked
package io.ringfence.bench;

import org.jspecify.annotations.NullMarked;
