@NullMarked
package io.ringfence.dataplane.reload;

import org.jspecify.annotations.NullMarked;
