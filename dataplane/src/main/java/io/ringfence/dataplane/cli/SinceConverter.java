package io.ringfence.dataplane.cli;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A time in the past: so long ago, or an ISO 8601 time. */
final class SinceConverter implements ITypeConverter<Instant> {
    private static final Pattern AGO = Pattern.compile("([0-9]{1,9})(s|m|h|d)");

    private final Clock clock;

    /** Called by picocli. */
    SinceConverter() {
        this(Clock.systemUTC());
    }

    /** @param clock now, in the zone of times that name none */
    SinceConverter(Clock clock) {
        this.clock = clock;
    }

    @Override
    public Instant convert(String text) {
        Matcher ago = AGO.matcher(text);
        if (ago.matches()) {
            return clock.instant().minus(length(Long.parseLong(ago.group(1)), ago.group(2)));
        }
        List<Function<String, Instant>> forms = List.of(
                value -> OffsetDateTime.parse(value).toInstant(),
                value -> LocalDateTime.parse(value).atZone(clock.getZone()).toInstant(),
                value -> LocalDate.parse(value).atStartOfDay(clock.getZone()).toInstant());
        return forms.stream()
                .flatMap(form -> parsed(form, text).stream())
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("found `" + text + "`; expected how long ago, such as"
                        + " `90s`, `10m`, `2h` or `3d`, or a time such as `2026-11-22T10:00:00Z`"));
    }

    private static Duration length(long number, String unit) {
        return switch (unit) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
    }

    private static Optional<Instant> parsed(Function<String, Instant> form, String text) {
        try {
            return Optional.of(form.apply(text));
        } catch (DateTimeException other) {
            return Optional.empty();
        }
    }
}
