@NullMarked
package io.ringfence.dataplane.admission;

import org.jspecify.annotations.NullMarked;
