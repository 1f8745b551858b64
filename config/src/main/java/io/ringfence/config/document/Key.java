package io.ringfence.config.document;

import java.util.Optional;

/**
 * A key that a mapping may have.
 *
 * @param description one sentence for the author of a document
 * @param presence what it means if the key is missing
 * @param fallback the value if the key is missing, for keys that have one
 * @param unserved why the key is refused although it belongs to the format, and what to do; empty if it is served
 */
public record Key<T>(
        String name,
        Type<T> type,
        String description,
        Presence presence,
        Optional<T> fallback,
        Optional<String> unserved) {

    /** Whether a key must be there. */
    public enum Presence {
        REQUIRED,
        OPTIONAL
    }

    /** Returns a key that must be there. */
    public static <T> Key<T> required(String name, Type<T> type, String description) {
        return new Key<>(name, type, description, Presence.REQUIRED, Optional.empty(), Optional.empty());
    }

    /** Returns a key that may be missing and then has no value. */
    public static <T> Key<T> optional(String name, Type<T> type, String description) {
        return new Key<>(name, type, description, Presence.OPTIONAL, Optional.empty(), Optional.empty());
    }

    /** Returns a key that may be missing and then has the value {@code fallback}. */
    public static <T> Key<T> optional(String name, Type<T> type, String description, T fallback) {
        return new Key<>(name, type, description, Presence.OPTIONAL, Optional.of(fallback), Optional.empty());
    }

    /**
     * Returns this key as one that is validated but then refused, because the program cannot do yet what it asks for.
     *
     * @param remedy what to do instead
     */
    public Key<T> unserved(String remedy) {
        return new Key<>(name, type, description, presence, fallback, Optional.of(remedy));
    }

    /** Returns whether the key must be there. */
    public boolean isRequired() {
        return presence == Presence.REQUIRED;
    }
}
