/** The worker thread of a VM: visits, metering, idling, doorbell, and commands from the control plane. */
@NullMarked
package io.ringfence.dataplane.worker;

import org.jspecify.annotations.NullMarked;
