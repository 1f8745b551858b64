package io.ringfence.config.document;

import io.ringfence.config.document.YamlNode.Kind;
import io.ringfence.config.document.YamlNode.Scalar;
import io.ringfence.config.document.YamlNode.Unusable;
import java.util.Optional;

/**
 * A plain decimal number without a unit, for what is counted.
 *
 * @param noun what is counted, such as {@code a CPU number}
 */
public record IntegerType(String noun, int min, int max) implements Type<Integer> {
    @Override
    public Optional<Integer> read(YamlNode node, String path, Problems problems) {
        if (node instanceof Unusable) {
            return Optional.empty();
        }
        // At most nine digits, so that parseInt cannot overflow; no leading zeros, which some read as octal.
        if (node instanceof Scalar scalar
                && scalar.kind() == Kind.INTEGER
                && scalar.text().matches("0|[1-9][0-9]{0,8}")) {
            int value = Integer.parseInt(scalar.text());
            if (value >= min && value <= max) {
                return Optional.of(value);
            }
        }
        String expected = "%s: a whole number from %d to %d".formatted(noun, min, max);
        problems.add(
                node.mark(), path, node.description(), expected, "write it as a plain decimal number, such as " + min);
        return Optional.empty();
    }

    @Override
    public Object written(Integer value) {
        return value;
    }
}
