/**
 * Traffic between embedded guests: open-loop requests with intended departure times, echoes and floods, in a process of
 * its own, against any vhost-user back-end.
 */
@NullMarked
package io.ringfence.bench.traffic;

import org.jspecify.annotations.NullMarked;
