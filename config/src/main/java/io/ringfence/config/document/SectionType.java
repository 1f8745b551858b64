package io.ringfence.config.document;

import io.ringfence.config.document.YamlNode.Entry;
import io.ringfence.config.document.YamlNode.Mapping;
import io.ringfence.config.document.YamlNode.Unusable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A mapping with known keys.
 *
 * @param noun what it is, such as {@code a VM}
 * @param keys the keys it may have
 * @param alternatives keys of which exactly one must be there; none if empty
 * @param needed keys of which at least one must be there, because the mapping means nothing without; none if empty
 */
public record SectionType(String noun, List<Key<?>> keys, List<Key<?>> alternatives, List<Key<?>> needed)
        implements Type<Section> {
    /** Returns the type of a mapping whose keys are independent of each other. */
    public static SectionType of(String noun, Key<?>... keys) {
        return new SectionType(noun, List.of(keys), List.of(), List.of());
    }

    /** Returns this type with the rule that exactly one of {@code alternatives} must be there. */
    public SectionType withExactlyOneOf(Key<?>... alternatives) {
        return new SectionType(noun, keys, List.of(alternatives), needed);
    }

    /** Returns this type with the rule that at least one of {@code needed} must be there. */
    public SectionType withAtLeastOneOf(Key<?>... needed) {
        return new SectionType(noun, keys, alternatives, List.of(needed));
    }

    /** Returns the section with those values that are valid, be they none, so that these at least are checked further. */
    @Override
    public Optional<Section> read(YamlNode node, String path, Problems problems) {
        if (node instanceof Unusable) {
            return Optional.of(new Section(node.mark(), path, Map.of()));
        }
        if (!(node instanceof Mapping mapping)) {
            problems.add(node.mark(), path, node.description(), noun + ": " + knownKeys(), "write `key: value` pairs");
            return Optional.of(new Section(node.mark(), path, Map.of()));
        }
        Map<String, Located<?>> values = new HashMap<>();
        Set<String> given = new HashSet<>();
        for (Entry entry : mapping.entries()) {
            Optional<Key<?>> key = find(entry.key());
            given.add(entry.key());
            if (key.isPresent()) {
                readValue(key.get(), entry, Quote.path(path, entry.key()), problems)
                        .ifPresent(value -> values.put(entry.key(), value));
            } else {
                // The key that was probably meant is not reported as missing too.
                NearestWord.of(entry.key(), names(keys)).ifPresent(given::add);
                refuseUnknown(entry, path, problems);
            }
        }
        requireMissing(mapping.mark(), path, given, problems);
        return Optional.of(new Section(mapping.mark(), path, Map.copyOf(values)));
    }

    private static <T> Optional<Located<T>> readValue(Key<T> key, Entry entry, String path, Problems problems) {
        key.unserved().ifPresent(remedy -> {
            String found = "the key " + Quote.quote(entry.key());
            problems.add(entry.mark(), path, found, "only what this version serves", remedy);
        });
        return key.type()
                .read(entry.value(), path, problems)
                .map(value -> new Located<>(value, entry.value().mark(), path));
    }

    private void refuseUnknown(Entry entry, String path, Problems problems) {
        problems.add(
                entry.mark(),
                path,
                "the unknown key " + Quote.quote(entry.key()),
                knownKeys(),
                NearestWord.suggestion(entry.key(), names(keys), "remove it"));
    }

    private void requireMissing(Mark mark, String path, Set<String> given, Problems problems) {
        for (Key<?> key : keys) {
            if (key.isRequired() && !given.contains(key.name())) {
                String expected = "`" + key.name() + ":` (" + key.description() + ")";
                problems.add(mark, path, noun + " without the key `" + key.name() + "`", expected, "add it");
            }
        }
        List<String> either = names(alternatives);
        long count = either.stream().filter(given::contains).count();
        if (!alternatives.isEmpty() && count != 1) {
            String found = noun + (count == 0 ? " with none of " : " with more than one of ") + quoted(either);
            problems.add(mark, path, found, "exactly one of them", count == 0 ? addition() : "remove all but one");
        }
        List<String> any = names(needed);
        if (!any.isEmpty() && any.stream().noneMatch(given::contains)) {
            problems.add(mark, path, noun + " with none of " + quoted(any), "at least one of them", "add one");
        }
    }

    private String addition() {
        return alternatives.stream()
                .filter(key -> key.unserved().isEmpty())
                .findFirst()
                .map(key -> "add `" + key.name() + ":` (" + key.description() + ")")
                .orElse("add one");
    }

    private Optional<Key<?>> find(String name) {
        for (Key<?> key : keys) {
            if (key.name().equals(name)) {
                return Optional.of(key);
            }
        }
        return Optional.empty();
    }

    private String knownKeys() {
        return "the keys " + quoted(names(keys));
    }

    private static List<String> names(List<Key<?>> keys) {
        return keys.stream().<String>map(Key::name).toList();
    }

    private static String quoted(List<String> names) {
        return names.stream().map(Quote::quote).collect(Collectors.joining(", "));
    }

    @Override
    public Object written(Section section) {
        throw new UnsupportedOperationException("a mapping has no default");
    }
}
