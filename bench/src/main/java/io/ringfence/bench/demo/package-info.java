/** {@code ringfence demo}: what noisy neighbours cost a VM, on a shared thread and under Ringfence, shown live. */
@NullMarked
package io.ringfence.bench.demo;

import org.jspecify.annotations.NullMarked;
