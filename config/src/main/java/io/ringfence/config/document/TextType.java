package io.ringfence.config.document;

import io.ringfence.config.document.YamlNode.Kind;
import io.ringfence.config.document.YamlNode.Scalar;
import io.ringfence.config.document.YamlNode.Unusable;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * A text that passes every one of some patterns.
 *
 * @param expected what is wanted, such as {@code an absolute path}
 * @param example a valid text
 * @param rules tried in this order; the first one that a text breaks is reported
 * @param conversion makes the value from a text that passed; must not fail on such a text
 */
public record TextType<T>(String expected, String example, List<Rule> rules, Function<String, T> conversion)
        implements Type<T> {
    /**
     * A pattern that matches the whole of a valid text, in the syntax that Java and JSON schema (ECMA-262) share.
     *
     * @param breach says what is wrong with a text that breaks the rule, such as {@code which is not absolute}
     */
    public record Rule(Pattern pattern, String breach) {
        /** Returns the rule of {@code regex}, which needs no {@code ^} and {@code $}. */
        public static Rule of(String regex, String breach) {
            return new Rule(Pattern.compile(regex), breach);
        }
    }

    @Override
    public Optional<T> read(YamlNode node, String path, Problems problems) {
        if (node instanceof Unusable) {
            return Optional.empty();
        }
        if (!(node instanceof Scalar scalar) || scalar.kind() != Kind.TEXT) {
            boolean quotable = node instanceof Scalar scalar && scalar.kind() != Kind.NULL;
            String remedy = quotable ? "put it in quotes if it is meant as text" : "write for example " + example;
            problems.add(node.mark(), path, node.description(), expected, remedy);
            return Optional.empty();
        }
        for (Rule rule : rules) {
            if (!rule.pattern.matcher(scalar.text()).matches()) {
                // Of an empty text there is no more to say: it has no characters that could be others.
                String found = scalar.description() + (scalar.text().isEmpty() ? "" : ", " + rule.breach);
                problems.add(scalar.mark(), path, found, expected, "write for example " + example);
                return Optional.empty();
            }
        }
        return Optional.of(conversion.apply(scalar.text()));
    }

    @Override
    public Object written(T value) {
        return value.toString();
    }
}
