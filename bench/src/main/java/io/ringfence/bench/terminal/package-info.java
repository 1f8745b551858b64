/** How a command behaves on a terminal: what stands out, and an orderly end by Ctrl-C. */
@NullMarked
package io.ringfence.bench.terminal;

import org.jspecify.annotations.NullMarked;
