/** The front-end role: the driver side of virtqueues, for embedded guests in tests, demo and benchmarks. */
@NullMarked
package io.ringfence.vhostuser.frontend;

import org.jspecify.annotations.NullMarked;
