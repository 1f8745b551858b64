/** What this host is made of. */
@NullMarked
package io.ringfence.bench.host;

import org.jspecify.annotations.NullMarked;
