/** Ringfence: scheduler. */
@NullMarked
package io.ringfence.scheduler;

import org.jspecify.annotations.NullMarked;
