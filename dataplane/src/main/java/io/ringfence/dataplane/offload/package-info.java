/** Work on frames that a guest left to the device: what is asked for, whether it makes sense, and doing it in software. */
@NullMarked
package io.ringfence.dataplane.offload;

import org.jspecify.annotations.NullMarked;
