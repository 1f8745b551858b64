/** What a changed configuration file means for a running dataplane; arithmetic only. */
@NullMarked
package io.ringfence.dataplane.reload;

import org.jspecify.annotations.NullMarked;
