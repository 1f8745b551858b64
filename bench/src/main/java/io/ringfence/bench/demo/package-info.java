/** {@code ringfence demo}: Ringfence between two embedded guests, shown live. */
@NullMarked
package io.ringfence.bench.demo;

import org.jspecify.annotations.NullMarked;
