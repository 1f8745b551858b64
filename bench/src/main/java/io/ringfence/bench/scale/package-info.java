/** The benchmark of scale: what a frame, a victim's latency, memory and idling cost by the number of VMs on one CPU. */
@NullMarked
package io.ringfence.bench.scale;

import org.jspecify.annotations.NullMarked;
