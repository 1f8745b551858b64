package io.ringfence.dataplane.cli;

/**
 * Adds a command to the command line from another module; found by {@link java.util.ServiceLoader}.
 *
 * <p>Loaded at every start, whatever the command: a provider does nothing but construct.
 */
public interface CommandProvider {
    /** Returns a class or object annotated as picocli's {@code @Command}, with a name and a description. */
    Object command();
}
