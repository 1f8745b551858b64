/** What packet work costs on this host: the stored cost model, and what it holds for. */
@NullMarked
package io.ringfence.dataplane.cost;

import org.jspecify.annotations.NullMarked;
