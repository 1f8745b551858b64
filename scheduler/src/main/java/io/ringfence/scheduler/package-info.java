/**
 * Runs Java platform threads under SCHED_DEADLINE in one-CPU partitions: reservations, partitions, admission, budget
 * metering. A library of its own; needs Linux, JNA and native access, and nothing else of Ringfence.
 */
@NullMarked
package io.ringfence.scheduler;

import org.jspecify.annotations.NullMarked;
