/** The device side of virtqueues (VIRTIO 1.3, section 2.6 and 2.7). */
@NullMarked
package io.ringfence.vhostuser.virtqueue;

import org.jspecify.annotations.NullMarked;
