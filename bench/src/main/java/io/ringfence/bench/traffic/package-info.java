/**
 * Traffic between embedded guests in a process of its own, against any vhost-user back-end: open-loop flows with intended
 * departure times, floods, and guests that do what hurts a back-end; measured where they arrive, by the same clock.
 */
@NullMarked
package io.ringfence.bench.traffic;

import org.jspecify.annotations.NullMarked;
