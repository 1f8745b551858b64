/** Guest memory: the regions a front-end shares, their mappings, and address translation. */
@NullMarked
package io.ringfence.vhostuser.memory;

import org.jspecify.annotations.NullMarked;
