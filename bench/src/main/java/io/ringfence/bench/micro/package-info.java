/** JMH benchmarks of the hot pieces of the packet path, each by itself; {@code ringfence bench jmh} runs them. */
@NullMarked
package io.ringfence.bench.micro;

import org.jspecify.annotations.NullMarked;
