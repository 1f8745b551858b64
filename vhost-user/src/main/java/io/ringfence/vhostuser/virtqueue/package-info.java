/** The device side of virtqueues (VIRTIO 1.3, sections 2.6 to 2.8). */
@NullMarked
package io.ringfence.vhostuser.virtqueue;

import org.jspecify.annotations.NullMarked;
