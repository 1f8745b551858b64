package io.ringfence.dataplane.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the jcstress tests of this package, {@link ClaimRaces} and {@link BacklogRaces}, for a moment each.
 *
 * <p>Short as it is, it finds a missing barrier in any of these places on x86; it is no proof. {@code CONTRIBUTING.md} has
 * the command for a long run, which also compiles the two sides in different ways.
 */
class RacesTest {
    private static final int RACES = 7;
    private static final long SHORT_MILLIS = 500;
    private static final long MILLIS = Long.getLong("ringfence.races.millis", SHORT_MILLIS);

    /** Ways to compile and to place the two sides, in a long run. */
    private static final int WAYS = 24;

    private static final long LIMIT_MILLIS = 60_000 + 2 * RACES * WAYS * MILLIS;

    @Test
    void shouldSeeNoForbiddenOutcomeWhenWorkersRace(@TempDir Path reports) throws Exception {
        Path log = reports.resolve("jcstress.log");
        Process jcstress = start(reports, log);
        try {
            assertThat(jcstress.waitFor(LIMIT_MILLIS, TimeUnit.MILLISECONDS))
                    .as("jcstress ends within its time:%n%s", Files.readString(log))
                    .isTrue();
        } finally {
            jcstress.destroyForcibly();
        }
        String said = Files.readString(log);
        assertThat(said).contains("Failed tests: No matches", "Error tests: No matches", "All remaining tests:");
        assertThat(jcstress.exitValue()).as(said).isZero();
        assertThat(said).contains(" 0 failed, 0 soft errs, 0 hard errs");
        if (MILLIS == SHORT_MILLIS) {
            assertThat(said).contains("%1$d planned; %1$d passed".formatted(RACES));
        }
    }

    private static Process start(Path reports, Path log) throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "org.openjdk.jcstress.Main",
                "-t",
                "io.ringfence.dataplane.delivery",
                "-jvmArgs",
                "@" + Path.of(System.getProperty("ringfence.root"), "jvm.options") + " -XX:-AlwaysPreTouch",
                "-f",
                "1",
                "-iters",
                "1",
                "-time",
                Long.toString(MILLIS),
                "-sc", // compile the two sides in different ways
                Boolean.toString(MILLIS > SHORT_MILLIS),
                "-pth", // touch the heap: a second of each start on some virtual machines
                "false",
                "-strideSize",
                "16",
                "-strideCount",
                "16",
                "-r",
                reports.toString());
        return new ProcessBuilder(command)
                .directory(reports.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }
}
