/**
 * From a configuration to reservations: what each VM gets, on which CPU, and what does not fit. Only arithmetic; nothing on
 * the host is changed.
 */
@NullMarked
package io.ringfence.dataplane.admission;

import org.jspecify.annotations.NullMarked;
