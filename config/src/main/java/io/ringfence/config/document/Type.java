package io.ringfence.config.document;

import java.util.Optional;

/**
 * What a value of the document may be: reads it, and says enough of itself for a JSON schema to be made from it.
 *
 * @param <T> what the value becomes
 */
public sealed interface Type<T> permits IntegerType, ChoiceType, TextType, QuantityType, ListType, SectionType {
    /** Returns the value of {@code node}, which stands at {@code path}; empty, with the reasons in {@code problems}. */
    Optional<T> read(YamlNode node, String path, Problems problems);

    /** Returns {@code value} as an author would write it: a {@link String} or an {@link Integer}. */
    Object written(T value);
}
