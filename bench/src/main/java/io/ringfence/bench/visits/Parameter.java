package io.ringfence.bench.visits;

import java.util.List;

/** A number of the visit policy, and the values that are measured. */
enum Parameter {
    PACE(
            "pace",
            "pace, us",
            "how long a worker under load sleeps between two visits",
            "ringfence.visits.pace.nanos",
            1_000,
            20,
            List.of(5.0, 10.0, 20.0, 50.0, 100.0, 200.0)),
    THRESHOLD(
            "threshold",
            "frames a sleep must bring",
            "from so many frames a sleep on a worker sleeps for the pace, below two thirds of that it blocks until it is called",
            "ringfence.visits.paces.from.hundredths",
            100,
            1.5,
            List.of(0.1, 0.5, 1.5, 5.0, 20.0, 1_000.0)),
    VISIT(
            "visit",
            "longest visit, us",
            "how long a worker stays before it looks at its budget and its commands",
            "ringfence.visits.visit.nanos",
            1_000,
            100,
            List.of(25.0, 100.0, 400.0)),
    BATCH(
            "batch",
            "frames in a batch",
            "how many frames are read ahead together and published together",
            "ringfence.visits.batch.frames",
            1,
            64,
            List.of(8.0, 16.0, 32.0, 64.0)),
    PERIOD(
            "period",
            "period, us",
            "of both reservations, with the same share",
            "",
            1,
            1_000,
            List.of(250.0, 500.0, 1_000.0, 2_000.0, 4_000.0));

    private final String word;
    private final String title;
    private final String meaning;
    private final String property;
    private final int scale;
    private final double usual;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of, of numbers
    private final List<Double> values;

    Parameter(
            String word, String title, String meaning, String property, int scale, double usual, List<Double> values) {
        this.word = word;
        this.title = title;
        this.meaning = meaning;
        this.property = property;
        this.scale = scale;
        this.usual = usual;
        this.values = values;
    }

    /** As it is called on the command line. */
    String word() {
        return word;
    }

    /** How reports call it, with its unit. */
    String title() {
        return title;
    }

    /** What it says, in words. */
    String meaning() {
        return meaning;
    }

    /** The value that it has in service, one of {@link #points}. */
    double usual() {
        return usual;
    }

    /** The values that are measured, in ascending order. */
    List<Double> points() {
        return values;
    }

    /** Options of Ringfence's JVM that give it a value. */
    List<String> jvmOptions(double value) {
        return property.isEmpty() ? List.of() : List.of("-D%s=%d".formatted(property, Math.round(value * scale)));
    }
}
