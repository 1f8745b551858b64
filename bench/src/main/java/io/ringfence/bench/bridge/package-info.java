/** The Linux bridge as a switch of vhost-user guests: a TAP device and a thread for each, as vhost-net has it. */
@NullMarked
package io.ringfence.bench.bridge;

import org.jspecify.annotations.NullMarked;
