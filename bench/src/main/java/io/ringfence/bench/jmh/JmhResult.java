package io.ringfence.bench.jmh;

import io.ringfence.dataplane.cost.HostIdentity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a run measured, and on what; stored as JSON, which a later run can take as its baseline.
 *
 * @param forks JVMs in which each benchmark ran, one after the other
 * @param iterationMillis length of each iteration
 */
record JmhResult(Instant startedAt, HostIdentity host, int forks, int iterationMillis, List<Score> scores) {
    JmhResult {
        scores = List.copyOf(scores);
    }

    /**
     * One benchmark's.
     *
     * @param nanos of one operation, on average
     * @param errorNanos half of the interval in which the average lies with 99.9 % confidence, if samples scatter normally
     */
    record Score(String benchmark, double nanos, double errorNanos) {}

    /** That of one benchmark. */
    Optional<Score> score(String benchmark) {
        return scores.stream()
                .filter(score -> score.benchmark().equals(benchmark))
                .findFirst();
    }

    /** Why these figures cannot be compared with those of another run, in words; empty if they can. */
    List<String> differencesFrom(JmhResult other) {
        List<String> differences = new ArrayList<>();
        compare("CPU", other.host.cpuModel(), host.cpuModel(), differences);
        compare("JVM", other.host.jvm(), host.jvm(), differences);
        compare(
                "JVM options",
                String.join(" ", other.host.jvmOptions()),
                String.join(" ", host.jvmOptions()),
                differences);
        return differences;
    }

    private static void compare(String what, String then, String now, List<String> differences) {
        if (!then.equals(now)) {
            differences.add("%s then `%s`, now `%s`".formatted(what, then, now));
        }
    }
}
