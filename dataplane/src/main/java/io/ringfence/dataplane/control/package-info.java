/** The control plane: builds the dataplane of a configuration and takes it down again. */
@NullMarked
package io.ringfence.dataplane.control;

import org.jspecify.annotations.NullMarked;
