package io.ringfence.bench.report;

import io.ringfence.bench.host.BenchmarkCpus;
import io.ringfence.bench.options.Requirement;
import io.ringfence.bench.options.WritableFile;
import io.ringfence.bench.peer.PeerException;
import io.ringfence.bench.peer.Place;
import io.ringfence.bench.terminal.Cleanup;
import io.ringfence.bench.terminal.PrivateFolder;
import io.ringfence.dataplane.cli.output.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all benchmarks have in common on the command line: where reports go, and what is said otherwise. A mixin of picocli. */
public final class BenchmarkOutput {
    private @Nullable Path json;
    private @Nullable Path html;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    // Options that are methods, so that no benchmark can measure and only then find that a file cannot be written.

    @Option(names = "--json", paramLabel = "FILE", description = "Write all results there as JSON.")
    void setJson(@Nullable Path file) {
        WritableFile.require(spec, "--json", file);
        json = file;
        requireDifferentFiles();
    }

    @Option(names = "--html", paramLabel = "FILE", description = "Write the report there as one HTML page.")
    void setHtml(@Nullable Path file) {
        WritableFile.require(spec, "--html", file);
        html = file;
        requireDifferentFiles();
    }

    private void requireDifferentFiles() {
        WritableFile.requireDifferent(spec, "--html", html, "--json", json);
    }

    /** Standard output. */
    public PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** Prints a line at once. */
    public void say(CharSequence line) {
        out().println(line);
        out().flush();
    }

    /**
     * Requires that an option has a value that makes sense.
     *
     * @param expected what would, in words
     * @throws picocli.CommandLine.ParameterException if it has not
     */
    public void require(String option, Object value, boolean valid, String expected) {
        Requirement.require(spec, option, value, valid, expected);
    }

    /** Requires a number between two, both included. */
    public void requireRange(String option, int value, int min, int max) {
        require(option, value, value >= min && value <= max, "%d to %d".formatted(min, max));
    }

    /** Requires that no value is there twice: each of its rounds would count twice. */
    public void requireDifferent(String option, List<?> values) {
        require(option, values, values.stream().distinct().count() == values.size(), "different values");
    }

    /**
     * Chooses by words, in the order of {@code all}; no words choose all.
     *
     * @param word how one is called on the command line
     * @throws picocli.CommandLine.ParameterException if a word is none of theirs
     */
    public <T> List<T> choose(String option, List<String> words, T[] all, Function<T, String> word) {
        List<String> known = Arrays.stream(all).map(word).toList();
        for (String wanted : words) {
            require(option, wanted, known.contains(wanted), "some of " + String.join(", ", known));
        }
        return Arrays.stream(all)
                .filter(one -> words.isEmpty() || words.contains(word.apply(one)))
                .toList();
    }

    /** Says why this host cannot run the benchmark; returns the exit code for that. */
    public int refused(String reason) {
        spec.commandLine().getErr().println("ringfence: " + reason);
        return ExitCode.HOST_REFUSES;
    }

    /** What a benchmark measures. */
    @FunctionalInterface
    public interface Measurement<R> {
        /**
         * Measures.
         *
         * @param place with a folder of this run's own, and without huge pages
         * @param cleanup undoes at the end what is opened with it, also if the user ends the benchmark early
         * @throws PeerException if this host refuses; says why
         */
        R on(Place place, Cleanup cleanup) throws Exception;
    }

    /** Measures with the last CPU left to the switch; empty if this host refuses, which is then said. */
    public <R> Optional<R> measure(Measurement<R> measurement) throws Exception {
        Optional<BenchmarkCpus> cpus = BenchmarkCpus.divide();
        if (cpus.isEmpty()) {
            refused(BenchmarkCpus.TOO_FEW);
            return Optional.empty();
        }
        try (Cleanup cleanup = Cleanup.alsoOnExit(() -> say("Stopped; nothing was written."))) {
            Path folder = cleanup.open(PrivateFolder::create).path();
            Place place = new Place(folder, cpus.get().dataplane(), cpus.get().load(), null);
            return Optional.of(measurement.on(place, cleanup));
        } catch (PeerException refusal) {
            refused(String.valueOf(refusal.getMessage()));
            return Optional.empty();
        }
    }

    /** Measures and publishes; returns the exit code. */
    public <R> int publish(String title, Function<R, List<Block>> report, Measurement<R> measurement) throws Exception {
        Optional<R> result = measure(measurement);
        return result.isEmpty() ? ExitCode.HOST_REFUSES : publish(title, report.apply(result.get()), result.get());
    }

    /**
     * Prints the report and writes the files that were asked for; returns the exit code.
     *
     * @param result all that was measured, a record
     */
    public int publish(String title, List<Block> report, Object result) throws IOException {
        out().print(TextReport.of(report));
        out().flush();
        if (json != null) {
            ResultFile.write(json, result);
        }
        if (html != null) {
            HtmlReport.write(html, title, report);
            out().println("Report: " + html);
        }
        return ExitCode.DONE;
    }
}
