/** Tests of the examination of a host. */
@NullMarked
package io.ringfence.dataplane.doctor;

import org.jspecify.annotations.NullMarked;
