/** Tests of what is checked where frames enter. */
@NullMarked
package io.ringfence.dataplane.port;

import org.jspecify.annotations.NullMarked;
