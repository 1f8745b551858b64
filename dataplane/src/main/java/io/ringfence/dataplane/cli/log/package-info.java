/** What goes to standard error while a command runs. */
@NullMarked
package io.ringfence.dataplane.cli.log;

import org.jspecify.annotations.NullMarked;
