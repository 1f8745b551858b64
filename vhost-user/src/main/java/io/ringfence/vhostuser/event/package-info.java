/** Event file descriptors: kick, call and doorbell, and waiting for many of them. */
@NullMarked
package io.ringfence.vhostuser.event;

import org.jspecify.annotations.NullMarked;
