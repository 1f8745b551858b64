/**
 * Front-ends and switches, those of others and Ringfence itself, as processes that tests and benchmarks drive; what they have of
 * this host, and the VMs that they serve.
 */
@NullMarked
package io.ringfence.bench.peer;

import org.jspecify.annotations.NullMarked;
