/** The floor of what can be measured here: pairs of guests joined by nothing but a copy. */
@NullMarked
package io.ringfence.bench.floor;

import org.jspecify.annotations.NullMarked;
