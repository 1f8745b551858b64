/** The command line. */
@NullMarked
package io.ringfence.dataplane.cli;

import org.jspecify.annotations.NullMarked;
