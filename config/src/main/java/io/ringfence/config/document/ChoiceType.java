package io.ringfence.config.document;

import io.ringfence.config.document.YamlNode.Scalar;
import io.ringfence.config.document.YamlNode.Unusable;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** One word of a few. */
public record ChoiceType<T>(List<Choice<T>> choices) implements Type<T> {
    /** A word and what it stands for. */
    public record Choice<T>(String word, T value) {}

    @Override
    public Optional<T> read(YamlNode node, String path, Problems problems) {
        if (node instanceof Unusable) {
            return Optional.empty();
        }
        String text = node instanceof Scalar scalar ? scalar.text() : "";
        Optional<T> chosen = choices.stream()
                .filter(choice -> choice.word().equals(text))
                .map(Choice::value)
                .findFirst();
        if (chosen.isEmpty()) {
            String expected = "one of " + words().stream().map(Quote::quote).collect(Collectors.joining(", "));
            problems.add(
                    node.mark(),
                    path,
                    node.description(),
                    expected,
                    NearestWord.suggestion(text, words(), "write one of these words"));
        }
        return chosen;
    }

    /** Returns the words in the order of their definition. */
    public List<String> words() {
        return choices.stream().map(Choice::word).toList();
    }

    @Override
    public Object written(T value) {
        return choices.stream()
                .filter(choice -> choice.value().equals(value))
                .map(Choice::word)
                .findFirst()
                .orElseThrow();
    }
}
