/**
 * The configuration of Ringfence: one YAML file becomes immutable records, or a list of everything wrong with it.
 *
 * <p>{@link io.ringfence.config.Configuration#load} is the entry. The keys of the file are defined once, in
 * {@code ConfigurationFile}; the parser works from these definitions and the JSON schema for editors
 * ({@code ringfence.schema.json}, beside a commented {@code example.yaml}) is made from them.
 */
@NullMarked
package io.ringfence.config;

import org.jspecify.annotations.NullMarked;
