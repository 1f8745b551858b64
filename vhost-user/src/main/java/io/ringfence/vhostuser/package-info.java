/** Ringfence: vhostuser. */
@NullMarked
package io.ringfence.vhostuser;

import org.jspecify.annotations.NullMarked;
