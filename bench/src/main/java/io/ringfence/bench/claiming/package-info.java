/**
 * {@code ringfence bench claiming}: how several senders fill one receive queue, by the claim that the switch holds for a batch and by
 * an alternative, claim, copy, publish, which is built here and nowhere else.
 */
@NullMarked
package io.ringfence.bench.claiming;

import org.jspecify.annotations.NullMarked;
