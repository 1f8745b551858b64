package io.ringfence.bench.peer;

/**
 * The end of a command.
 *
 * @param output standard output and standard error together
 */
public record CommandResult(int exitCode, String output) {}
