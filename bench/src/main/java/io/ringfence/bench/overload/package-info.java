/** {@code ringfence bench overload}: what arrives when far more is offered than can be carried, and whose it is. */
@NullMarked
package io.ringfence.bench.overload;

import org.jspecify.annotations.NullMarked;
