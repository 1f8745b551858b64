package io.ringfence.config.document;

import io.ringfence.config.document.YamlNode.Kind;
import io.ringfence.config.document.YamlNode.Scalar;
import io.ringfence.config.document.YamlNode.Unusable;
import java.util.Optional;

/**
 * A plain decimal number without a unit, for what is counted.
 *
 * @param noun what is counted, such as {@code a CPU number}
 * @param min the least allowed; not negative
 * @param max the most allowed; at most nine digits long
 */
public record IntegerType(String noun, int min, int max) implements Type<Integer> {
    private static final int DIGITS_MAX = 9;

    @Override
    public Optional<Integer> read(YamlNode node, String path, Problems problems) {
        if (node instanceof Unusable) {
            return Optional.empty();
        }
        // No leading zeros, which some read as octal.
        if (node instanceof Scalar scalar
                && scalar.kind() == Kind.INTEGER
                && scalar.text().matches("0|-?[1-9][0-9]*")) {
            return limited(scalar, path, problems);
        }
        return refuse(node, path, "write it as a plain decimal number, such as " + min, problems);
    }

    private Optional<Integer> limited(Scalar scalar, String path, Problems problems) {
        String text = scalar.text();
        if (text.startsWith("-")) {
            return refuse(scalar, path, raise(), problems);
        }
        // So that parseInt cannot overflow.
        if (text.length() > DIGITS_MAX) {
            return refuse(scalar, path, lower(), problems);
        }
        int value = Integer.parseInt(text);
        if (value < min || value > max) {
            return refuse(scalar, path, value < min ? raise() : lower(), problems);
        }
        return Optional.of(value);
    }

    private String raise() {
        return "raise it to " + min + " or more";
    }

    private String lower() {
        return "lower it to " + max + " or less";
    }

    private Optional<Integer> refuse(YamlNode node, String path, String remedy, Problems problems) {
        String expected = "%s: a whole number from %d to %d".formatted(noun, min, max);
        problems.add(node.mark(), path, node.description(), expected, remedy);
        return Optional.empty();
    }

    @Override
    public Object written(Integer value) {
        return value;
    }
}
