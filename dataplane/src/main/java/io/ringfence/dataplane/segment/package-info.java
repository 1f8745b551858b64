/** The members of one network: who is there, what each knows of the others, and how that changes while they run. */
@NullMarked
package io.ringfence.dataplane.segment;

import org.jspecify.annotations.NullMarked;
