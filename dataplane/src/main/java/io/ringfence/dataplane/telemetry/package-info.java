/** Counters, readable by other processes without touching the workers. */
@NullMarked
package io.ringfence.dataplane.telemetry;

import org.jspecify.annotations.NullMarked;
