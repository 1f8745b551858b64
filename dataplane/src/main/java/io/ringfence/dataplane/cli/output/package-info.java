/** What commands answer with: tables, colours, single lines, exit codes. */
@NullMarked
package io.ringfence.dataplane.cli.output;

import org.jspecify.annotations.NullMarked;
