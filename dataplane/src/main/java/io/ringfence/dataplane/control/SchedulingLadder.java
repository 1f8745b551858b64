package io.ringfence.dataplane.control;

import io.ringfence.config.SchedulingRung;
import io.ringfence.scheduler.Rung;
import io.ringfence.scheduler.SchedulingRefusedException;
import io.ringfence.scheduler.SchedulingRefusedException.Rule;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The rungs of the scheduling ladder: which are tried, what they are called in the configuration, and what each promises. */
final class SchedulingLadder {
    /** Names the first rung to be tried, so that a benchmark can compare rungs on a host that gives all of them. */
    private static final String FIRST_RUNG = "ringfence.scheduling.first";

    private SchedulingLadder() {}

    /**
     * The rungs to be tried, from the best down to the lowest that the configuration allows: that one at least.
     *
     * @param best the first of them, unless a benchmark wants another, or the configuration allows a better one only
     * @throws SchedulingRefusedException if a benchmark wants one that does not exist
     */
    static List<Rung> toTry(Rung best, Rung lowest) {
        String wanted = System.getProperty(FIRST_RUNG, name(best));
        List<String> names =
                Stream.of(Rung.values()).map(SchedulingLadder::name).toList();
        if (!names.contains(wanted)) {
            throw new SchedulingRefusedException(
                    Rule.PARAMETERS,
                    "-D%s is '%s', expected one of %s".formatted(FIRST_RUNG, wanted, String.join(", ", names)));
        }
        return Stream.of(Rung.values())
                .dropWhile(rung -> rung != lowest && !name(rung).equals(wanted))
                .filter(rung -> rung.compareTo(lowest) <= 0)
                .toList();
    }

    /** The lowest rung that a configuration allows. */
    static Rung lowest(SchedulingRung allowed) {
        return switch (allowed) {
            case DEADLINE -> Rung.DEADLINE;
            case DEADLINE_GLOBAL -> Rung.DEADLINE_GLOBAL;
            case FIFO -> Rung.FIFO;
            case OTHER -> Rung.OTHER;
        };
    }

    /** A rung in the configuration's words. */
    static String name(SchedulingRung rung) {
        return name(lowest(rung));
    }

    /** A rung in the configuration's words. */
    static String name(Rung rung) {
        return rung.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What workers have on a rung, for the operator. */
    static String promise(Rung rung) {
        return switch (rung) {
            case DEADLINE -> "every worker has its reservation in a partition of its CPU";
            case DEADLINE_GLOBAL ->
                "every worker has its reservation, on whatever CPU, and deadlines are met with bounded"
                        + " tardiness only";
            case FIFO -> "workers go before all else on their CPUs, but nothing protects them from each other";
            case OTHER -> "nothing is promised";
        };
    }
}
