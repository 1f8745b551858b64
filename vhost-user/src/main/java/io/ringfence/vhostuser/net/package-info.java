/** virtio-net framing (VIRTIO 1.3, section 5.1.6). */
@NullMarked
package io.ringfence.vhostuser.net;

import org.jspecify.annotations.NullMarked;
