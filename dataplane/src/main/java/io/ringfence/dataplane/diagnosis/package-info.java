/** What can be done to a run on purpose, so that it shows what metering and the rules of the JVM are good for. */
@NullMarked
package io.ringfence.dataplane.diagnosis;

import org.jspecify.annotations.NullMarked;
