/** The packet path from guest memory to guest memory: what arrives, what is dropped, what is counted. */
@NullMarked
package io.ringfence.dataplane.path;

import org.jspecify.annotations.NullMarked;
