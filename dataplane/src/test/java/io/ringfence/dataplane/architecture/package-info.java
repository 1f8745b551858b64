/** The rules of the house, checked over all modules that the dataplane stands on. */
@NullMarked
package io.ringfence.dataplane.architecture;

import org.jspecify.annotations.NullMarked;
