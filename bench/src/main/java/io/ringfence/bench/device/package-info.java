/** What the switches built for comparison have in common. */
@NullMarked
package io.ringfence.bench.device;

import org.jspecify.annotations.NullMarked;
