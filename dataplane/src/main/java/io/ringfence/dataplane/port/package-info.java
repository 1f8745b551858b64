/** Where a VM's frames enter its network: the transmit queues and what is checked there. */
@NullMarked
package io.ringfence.dataplane.port;

import org.jspecify.annotations.NullMarked;
