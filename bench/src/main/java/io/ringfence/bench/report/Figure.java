package io.ringfence.bench.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A figure with its spread over rounds: the median and the ends of the calm ones, or of all if none was calm.
 *
 * @param rounds how many there were
 * @param calmRounds how many of them nothing disturbed
 */
public record Figure(double median, double min, double max, int rounds, int calmRounds) {
    /**
     * That of at least one reading.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Figure of(List<Reading> readings) {
        List<Double> calm = values(readings.stream().filter(Reading::isCalm).toList());
        List<Double> used = calm.isEmpty() ? values(readings) : calm;
        if (used.isEmpty()) {
            throw new IllegalArgumentException("a figure of no rounds: expected at least one");
        }
        int middle = used.size() / 2;
        double median = used.size() % 2 == 1 ? used.get(middle) : (used.get(middle - 1) + used.get(middle)) / 2;
        return new Figure(median, used.getFirst(), used.getLast(), readings.size(), calm.size());
    }

    private static List<Double> values(List<Reading> readings) {
        return readings.stream().map(Reading::value).sorted().toList();
    }

    /**
     * The quotient of two series of the same rounds, round by round: what drifts from round to round falls out. A
     * round is calm if both its readings are.
     */
    public static Figure ratio(List<Reading> dividends, List<Reading> divisors) {
        if (dividends.size() != divisors.size()) {
            throw new IllegalArgumentException(
                    "ratio of %d rounds to %d: expected as many".formatted(dividends.size(), divisors.size()));
        }
        List<Reading> ratios = new ArrayList<>();
        for (int i = 0; i < dividends.size(); i++) {
            List<String> disturbances = new ArrayList<>(dividends.get(i).disturbances());
            disturbances.addAll(divisors.get(i).disturbances());
            ratios.add(new Reading(dividends.get(i).value() / divisors.get(i).value(), disturbances));
        }
        return of(ratios);
    }

    /** The same, said to be of more rounds: in the others nothing could be measured. */
    public Figure ofRounds(int all) {
        return new Figure(median, min, max, all, calmRounds);
    }

    /** The median and, in brackets, the ends: {@code 7.5 [6.5–10.1]}. */
    public String text(int decimals) {
        return "%s [%s–%s]"
                .formatted(Numbers.plain(median, decimals), Numbers.plain(min, decimals), Numbers.plain(max, decimals));
    }
}
