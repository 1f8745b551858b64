/** Putting frames into a VM's receive queues: claim, direct delivery, and the handoff for the contended case. */
@NullMarked
package io.ringfence.dataplane.delivery;

import org.jspecify.annotations.NullMarked;
