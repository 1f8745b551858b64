/**
 * Reads a YAML 1.2 document against a definition of its keys and reports every problem with line and column.
 *
 * <p>{@link io.ringfence.config.document.YamlTree} turns text into nodes that know where they stand,
 * {@link io.ringfence.config.document.Type} says what a node may hold, {@link io.ringfence.config.document.Problems}
 * collects what is wrong. The package knows nothing of what the document is about.
 */
@NullMarked
package io.ringfence.config.document;

import org.jspecify.annotations.NullMarked;
