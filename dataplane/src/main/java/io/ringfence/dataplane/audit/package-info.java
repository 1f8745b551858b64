/** Once a second: what each VM was guaranteed, what it offered and got, and whether that was kept. Never on a worker. */
@NullMarked
package io.ringfence.dataplane.audit;

import org.jspecify.annotations.NullMarked;
