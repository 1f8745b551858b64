package io.ringfence.config.document;

import io.ringfence.config.document.YamlNode.Sequence;
import io.ringfence.config.document.YamlNode.Unusable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A list.
 *
 * @param noun what it lists, such as {@code CPU numbers}
 * @param example how to write one
 * @param element what each element is
 * @param min the least number of elements
 * @param unique whether every element may be there only once
 */
public record ListType<T>(String noun, String example, Type<T> element, int min, boolean unique)
        implements Type<List<Located<T>>> {
    /** Returns the elements; none if one of them could not be read, since later checks would miss it and blame others. */
    @Override
    public Optional<List<Located<T>>> read(YamlNode node, String path, Problems problems) {
        if (node instanceof Unusable) {
            return Optional.empty();
        }
        if (!(node instanceof Sequence sequence)) {
            problems.add(node.mark(), path, node.description(), "a list of " + noun, "write for example " + example);
            return Optional.empty();
        }
        List<YamlNode> nodes = sequence.elements();
        if (nodes.size() < min) {
            problems.add(sequence.mark(), path, "an empty list", "a list of " + noun, "write for example " + example);
        }
        List<Located<T>> elements = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            YamlNode elementNode = nodes.get(i);
            String elementPath = path + "[" + i + "]";
            element.read(elementNode, elementPath, problems)
                    .ifPresent(value -> elements.add(new Located<>(value, elementNode.mark(), elementPath)));
        }
        if (unique) {
            refuseRepetitions(elements, problems);
        }
        return elements.size() == nodes.size() ? Optional.of(List.copyOf(elements)) : Optional.empty();
    }

    private void refuseRepetitions(List<Located<T>> elements, Problems problems) {
        Map<T, Located<T>> seen = new HashMap<>();
        for (Located<T> located : elements) {
            Located<T> first = seen.putIfAbsent(located.value(), located);
            if (first != null) {
                String found =
                        Quote.quote(String.valueOf(element.written(located.value()))) + " again, after " + first.path();
                problems.add(
                        located.mark(), located.path(), found, "every element at most once", "remove one of the two");
            }
        }
    }

    @Override
    public Object written(List<Located<T>> elements) {
        return elements.stream()
                .map(located -> element.written(located.value()))
                .toList();
    }
}
