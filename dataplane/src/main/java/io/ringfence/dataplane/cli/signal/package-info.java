/** What signals do to a command. */
@NullMarked
package io.ringfence.dataplane.cli.signal;

import org.jspecify.annotations.NullMarked;
