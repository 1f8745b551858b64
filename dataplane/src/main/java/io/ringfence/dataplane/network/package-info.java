/** Isolated layer-2 segments: members, MAC learning, and where a frame goes. */
@NullMarked
package io.ringfence.dataplane.network;

import org.jspecify.annotations.NullMarked;
