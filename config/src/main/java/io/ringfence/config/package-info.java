/** Ringfence: config. */
@NullMarked
package io.ringfence.config;

import org.jspecify.annotations.NullMarked;
