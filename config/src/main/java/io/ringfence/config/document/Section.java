package io.ringfence.config.document;

import java.util.Map;
import java.util.Optional;

/** The valid values of a mapping, by key. */
public final class Section {
    private final Mark mark;
    private final String path;
    private final Map<String, Located<?>> values;

    Section(Mark mark, String path, Map<String, Located<?>> values) {
        this.mark = mark;
        this.path = path;
        this.values = values;
    }

    /** Returns the value of {@code key} with its position; empty if the key is missing or its value was refused. */
    @SuppressWarnings("unchecked") // A value is only ever put here by the type of the key with this name.
    public <T> Optional<Located<T>> located(Key<T> key) {
        return Optional.ofNullable((Located<T>) values.get(key.name()));
    }

    /** Returns the value of {@code key}, or what the key says of its absence. */
    public <T> Optional<T> find(Key<T> key) {
        return located(key).map(Located::value).or(key::fallback);
    }

    /**
     * Returns the value of a key that is required or has a fallback.
     *
     * @throws IllegalStateException if there is none, which cannot be once the document was found free of problems
     */
    public <T> T get(Key<T> key) {
        return find(key)
                .orElseThrow(() -> new IllegalStateException(
                        "no value: mark=%s path=%s key=%s".formatted(mark, path, key.name())));
    }
}
