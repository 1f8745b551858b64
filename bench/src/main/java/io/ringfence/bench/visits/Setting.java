package io.ringfence.bench.visits;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One parameter's value; all others are as in service. */
record Setting(Parameter parameter, double value) {
    /** All parameters as in service. */
    static final Setting USUAL = new Setting(Parameter.PERIOD, Parameter.PERIOD.usual());

    /** What is to be measured for the curves of these parameters: what is in service once, though it is on every curve. */
    static List<Setting> forCurvesOf(List<Parameter> parameters) {
        List<Setting> settings = new ArrayList<>(List.of(USUAL));
        for (Parameter parameter : parameters) {
            parameter.points().stream()
                    .filter(value -> value != parameter.usual())
                    .forEach(value -> settings.add(new Setting(parameter, value)));
        }
        return settings;
    }

    /** Whether everything is as in service. */
    boolean isUsual() {
        return value == parameter.usual();
    }

    /** Whether it is a point of this parameter's curve. */
    boolean isOn(Parameter curve) {
        return parameter == curve || isUsual();
    }

    /** Its place on the curve of a parameter. */
    double valueOf(Parameter curve) {
        return parameter == curve ? value : curve.usual();
    }

    /** The period of both reservations. */
    Duration period() {
        return Duration.ofNanos((long) (valueOf(Parameter.PERIOD) * 1_000));
    }

    List<String> jvmOptions() {
        return isUsual() ? List.of() : parameter.jvmOptions(value);
    }

    /** For people; unique. */
    String title() {
        return isUsual()
                ? "as in service"
                : "%s %s".formatted(parameter.word(), Double.toString(value).replaceAll("\\.0$", ""));
    }
}
