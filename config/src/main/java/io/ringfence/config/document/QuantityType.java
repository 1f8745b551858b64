package io.ringfence.config.document;

import io.ringfence.config.document.YamlNode.Kind;
import io.ringfence.config.document.YamlNode.Scalar;
import io.ringfence.config.document.YamlNode.Unusable;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number with its unit, such as {@code 500us} or {@code 1.5Mpps}; becomes a count of the smallest unit.
 *
 * @param noun what it is, such as {@code a duration}
 * @param units from the smallest, whose factor is 1, to the largest
 * @param min the least allowed, in the smallest unit
 * @param max the most allowed, in the smallest unit
 */
public record QuantityType(String noun, List<Unit> units, long min, long max) implements Type<Long> {
    private static final String NUMBER = "[0-9]{1,18}(?:\\.[0-9]{1,9})?";
    private static final Pattern NUMBER_AND_REST = Pattern.compile("(" + NUMBER + ")(.*)");
    private static final Pattern ODD_NUMBER_AND_UNIT = Pattern.compile("([0-9].*[^\\p{L}\\s])\\s*(\\p{L}+)");

    @Override
    public Optional<Long> read(YamlNode node, String path, Problems problems) {
        if (node instanceof Unusable) {
            return Optional.empty();
        }
        if (!(node instanceof Scalar scalar)) {
            return refuse(node, path, node.description(), "write for example " + written(min), problems);
        }
        if (scalar.kind() == Kind.INTEGER || scalar.kind() == Kind.DECIMAL) {
            String remedy = "write the unit after the number, such as " + withUnit(scalar.text());
            return refuse(scalar, path, scalar.description() + " without a unit", remedy, problems);
        }
        Matcher matcher = NUMBER_AND_REST.matcher(scalar.text());
        if (!matcher.matches()) {
            return refuse(scalar, path, scalar.description(), "write for example " + written(min), problems);
        }
        Optional<Unit> unit =
                units.stream().filter(u -> u.symbol().equals(matcher.group(2))).findFirst();
        return unit.isEmpty()
                ? refuseUnit(scalar, path, matcher.group(1), matcher.group(2), problems)
                : count(scalar, path, new BigDecimal(matcher.group(1)), unit.get(), problems);
    }

    private Optional<Long> count(Scalar scalar, String path, BigDecimal number, Unit unit, Problems problems) {
        BigDecimal count = number.multiply(BigDecimal.valueOf(unit.factor())).stripTrailingZeros();
        if (count.scale() > 0) {
            String found = "%s, which is no whole number of %s".formatted(scalar.description(), smallestUnit());
            return refuse(scalar, path, found, "use fewer decimals", problems);
        }
        if (count.compareTo(BigDecimal.valueOf(min)) < 0) {
            return refuse(scalar, path, scalar.description(), "raise it to " + written(min) + " or more", problems);
        }
        if (count.compareTo(BigDecimal.valueOf(max)) > 0) {
            return refuse(scalar, path, scalar.description(), "lower it to " + written(max) + " or less", problems);
        }
        return Optional.of(count.longValueExact());
    }

    private Optional<Long> refuseUnit(Scalar scalar, String path, String number, String rest, Problems problems) {
        Optional<Unit> meant = Unit.meant(rest.strip(), units);
        // What is suggested is not refused in turn.
        String remedy = meant.filter(unit -> fits(number, unit))
                .map(unit -> "did you mean " + number + unit.symbol() + "?")
                .or(() -> meant.isPresent() ? Optional.empty() : numberRemedy(scalar.text()))
                .orElse("write one of these units right after the number");
        return refuse(scalar, path, scalar.description(), remedy, problems);
    }

    /** Returns what to do about a number that is none of ours, if a unit of ours follows it. */
    private Optional<String> numberRemedy(String text) {
        Matcher matcher = ODD_NUMBER_AND_UNIT.matcher(text);
        return matcher.matches()
                ? Unit.meant(matcher.group(2), units).map(unit -> numberRemedy(matcher.group(1), unit))
                : Optional.empty();
    }

    private String numberRemedy(String oddNumber, Unit unit) {
        if (oddNumber.matches("[0-9]+(?:\\.[0-9]+)?")) {
            return "use fewer digits";
        }
        // A comma may separate thousands or decimals: which of them is not for us to guess.
        String number = oddNumber.replaceAll("[_' ]", "");
        String example = number.matches(NUMBER) && fits(number, unit) ? number + unit.symbol() : written(min);
        return "write the number in plain digits, such as " + example;
    }

    private Optional<Long> refuse(YamlNode node, String path, String found, String remedy, Problems problems) {
        problems.add(node.mark(), path, found, expected(), remedy);
        return Optional.empty();
    }

    /** Returns what is expected, in words. */
    public String expected() {
        List<String> symbols = units.stream().map(Unit::symbol).toList();
        int last = symbols.size() - 1;
        String accepted = String.join(", ", symbols.subList(0, last)) + " or " + symbols.get(last);
        return "%s in %s, from %s to %s".formatted(noun, accepted, written(min), written(max));
    }

    /** Returns the pattern of a number with one of the units, without the limits. */
    public String pattern() {
        return NUMBER + "(?:"
                + String.join("|", units.stream().map(Unit::symbol).toList()) + ")";
    }

    @Override
    public String written(Long count) {
        return Unit.written(count, units);
    }

    private String smallestUnit() {
        return units.getFirst().symbol();
    }

    /** Returns a number that lacks a unit with one that brings it within the limits; another number if none does. */
    private String withUnit(String number) {
        return units.stream()
                .filter(unit -> number.matches(NUMBER) && fits(number, unit))
                .findFirst()
                .map(unit -> number + unit.symbol())
                .orElseGet(() -> written(min));
    }

    private boolean fits(String number, Unit unit) {
        BigDecimal count = new BigDecimal(number)
                .multiply(BigDecimal.valueOf(unit.factor()))
                .stripTrailingZeros();
        return count.scale() <= 0
                && count.compareTo(BigDecimal.valueOf(min)) >= 0
                && count.compareTo(BigDecimal.valueOf(max)) <= 0;
    }
}
