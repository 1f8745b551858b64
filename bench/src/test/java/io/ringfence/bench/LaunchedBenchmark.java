package io.ringfence.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.traffic.Json;
import io.ringfence.scheduler.OnlineCpus;
import io.ringfence.testing.Requirement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A benchmark that ran as for a user, with exit code 0, and has ended.
 *
 * @param output standard output and standard error together
 * @param json all that it measured
 * @param page its report as HTML
 */
public record LaunchedBenchmark(String output, String json, String page) {
    /**
     * Runs one, where there are two CPUs for it, and hardly warmed up: what it measures is nothing to compare.
     *
     * @param folder for its temporary files, its output and its reports
     */
    public static LaunchedBenchmark run(Path folder, String name, String... options)
            throws IOException, InterruptedException {
        Requirement.of(OnlineCpus.last() > 0, "needs two CPUs");
        Path json = folder.resolve("result.json");
        Path html = folder.resolve("report.html");
        List<String> arguments = new ArrayList<>(List.of("bench", name));
        arguments.addAll(List.of(options));
        arguments.addAll(List.of("--json=" + json, "--html=" + html));
        LaunchedCommand command =
                LaunchedCommand.run(folder, LaunchedCommand.SOON_READY, arguments.toArray(String[]::new));
        assertThat(command.exitCode()).as(command.output()).isZero();
        return new LaunchedBenchmark(command.output(), Files.readString(json), Files.readString(html));
    }

    /** All that it measured. */
    public <R> R result(Class<R> type) {
        return Json.MAPPER.readValue(json, type);
    }
}
