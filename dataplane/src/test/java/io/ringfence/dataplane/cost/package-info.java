@NullMarked
package io.ringfence.dataplane.cost;

import org.jspecify.annotations.NullMarked;
