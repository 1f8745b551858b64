/** Ringfence: dataplane. */
@NullMarked
package io.ringfence.dataplane;

import org.jspecify.annotations.NullMarked;
