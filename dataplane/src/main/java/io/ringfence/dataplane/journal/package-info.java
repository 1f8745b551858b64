/**
 * The record of what happened, on disk: admissions, sessions, and for each second and VM whether its guarantee was kept.
 *
 * <p>The only package that knows Chronicle Queue. Nothing here runs on a worker.
 */
@NullMarked
package io.ringfence.dataplane.journal;

import org.jspecify.annotations.NullMarked;
