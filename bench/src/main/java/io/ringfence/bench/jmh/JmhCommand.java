package io.ringfence.bench.jmh;

import io.ringfence.bench.report.BenchmarkOutput;
import io.ringfence.bench.traffic.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JacksonException;

/** The hot pieces of the packet path, each by itself, beside a baseline. */
@Command(
        name = "jmh",
        mixinStandardHelpOptions = true,
        header = "Measure the hot pieces of the packet path by themselves, and compare with a stored baseline.",
        description = {
            "",
            "Rings, address translation, MAC table, handoff, headers, and a whole visit, by JMH: forked JVMs with the options"
                    + " of the switch. The comparison is with the baseline that comes with Ringfence, or another; one that was"
                    + " measured with another CPU, JVM or other JVM options is not compared. Some two and a half minutes. Needs no"
                    + " rights, but a host that is otherwise idle.",
            "",
            "Exit codes: 0 done, whatever the comparison says; 1 failed; 2 bad command line.",
            ""
        })
public final class JmhCommand implements Callable<Integer> {
    private static final String STORED = "baseline.json";

    @Parameters(
            arity = "0..1",
            paramLabel = "PATTERN",
            defaultValue = "",
            description = "Only the benchmarks in whose names this regular expression is found (default: all).")
    private String pattern = "";

    @Option(
            names = "--baseline",
            paramLabel = "FILE",
            description = "Compare with what an earlier run wrote there with --json (default: the baseline that comes"
                    + " with Ringfence).")
    private @Nullable Path baseline;

    @Mixin
    private final JmhRun run = new JmhRun();

    @Mixin
    private final BenchmarkOutput output = new BenchmarkOutput();

    @Override
    public Integer call() throws IOException, RunnerException {
        run.check();
        output.require("PATTERN", pattern, isPattern(pattern), "a regular expression");
        List<String> chosen = JmhRun.matching(Pattern.compile(pattern));
        output.require("PATTERN", pattern, !chosen.isEmpty(), "one that is found in the name of a benchmark");
        JmhResult before = readBaseline();
        JmhResult result = run.measure(chosen, output::say);
        return output.publish(JmhReport.TITLE, JmhReport.of(result, before), result);
    }

    private static boolean isPattern(String text) {
        try {
            Pattern.compile(text);
            return true;
        } catch (PatternSyntaxException e) {
            return false;
        }
    }

    private JmhResult readBaseline() throws IOException {
        Path file = baseline;
        if (file == null) {
            try (InputStream stored = JmhCommand.class.getResourceAsStream(STORED)) {
                byte[] bytes = Objects.requireNonNull(stored, STORED).readAllBytes();
                return Json.MAPPER.readValue(new String(bytes, StandardCharsets.UTF_8), JmhResult.class);
            }
        }
        output.require("--baseline", file, Files.isReadable(file), "a file that can be read");
        try {
            return Json.MAPPER.readValue(Files.readString(file), JmhResult.class);
        } catch (JacksonException e) {
            output.require("--baseline", file, false, "what `bench jmh --json` wrote: " + e.getOriginalMessage());
            throw e;
        }
    }
}
