package io.ringfence.config.document;

/**
 * A value read from the document, with where it stands for later checks.
 *
 * @param value the value, valid by itself
 * @param mark its position
 * @param path its path, such as {@code vms[1].network}
 */
public record Located<T>(T value, Mark mark, String path) {}
