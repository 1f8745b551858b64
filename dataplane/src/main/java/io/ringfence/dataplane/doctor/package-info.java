/** Looks at a host, and says what keeps Ringfence from its promises there and how to mend it. Reads files; writes none. */
@NullMarked
package io.ringfence.dataplane.doctor;

import org.jspecify.annotations.NullMarked;
