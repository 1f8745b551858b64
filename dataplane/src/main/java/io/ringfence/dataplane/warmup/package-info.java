/** Traffic between synthetic guests before the first real one comes, so that workers begin with compiled code. */
@NullMarked
package io.ringfence.dataplane.warmup;

import org.jspecify.annotations.NullMarked;
