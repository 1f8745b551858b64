/** Options that several benchmarks have on the command line, each a mixin of picocli. */
@NullMarked
package io.ringfence.bench.options;

import org.jspecify.annotations.NullMarked;
