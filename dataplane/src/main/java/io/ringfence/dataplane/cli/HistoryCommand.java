package io.ringfence.dataplane.cli;

import io.ringfence.config.Configuration;
import io.ringfence.config.ConfigurationException;
import io.ringfence.config.JournalSpec;
import io.ringfence.dataplane.cli.output.ExitCode;
import io.ringfence.dataplane.cli.report.HistoryTable;
import io.ringfence.dataplane.journal.JournalReader;
import io.ringfence.dataplane.journal.JournalRecord;
import io.ringfence.dataplane.journal.RecordText;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows what the journal has recorded. */
@Command(
        name = "history",
        mixinStandardHelpOptions = true,
        header = "Show the journal: admissions, sessions, and whether guarantees were kept.",
        description = {
            "",
            "Reads the journal, also while Ringfence runs, and changes nothing. Without --json seconds that follow each"
                    + " other with the same verdict are one row: figures are per second, WORST is the worst latency inside"
                    + " Ringfence, BUDGET the part of the reservation that was used.",
            "",
            "With --json every record is an object on a line of its own; times end in -Nanos, rates are in frames per"
                    + " second, an interval's `at` is its end.",
            "",
            "Exit codes: 0 done; 2 the command line or the configuration is wrong; 3 there is no journal.",
            ""
        })
final class HistoryCommand implements Callable<Integer> {
    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init") // picocli sets it: one of the options is required
    private Source source;

    /** Where the journal is. */
    private static final class Source {
        @Option(
                names = {"-c", "--config"},
                paramLabel = "FILE",
                description = "The configuration file that names the journal.")
        private @Nullable Path configuration;

        @Option(names = "--journal", paramLabel = "DIR", description = "The directory of the journal.")
        private @Nullable Path directory;
    }

    @Option(names = "--vm", paramLabel = "VM", description = "Show this VM only, and what concerns all of Ringfence.")
    private @Nullable String vm;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            converter = SinceConverter.class,
            description = "Show what happened since then: so long ago (90s, 10m, 2h, 3d), or at a time"
                    + " (2026-11-22T10:00:00Z; in UTC if it names no zone).")
    private @Nullable Instant since;

    @Option(names = "--json", description = "Print one JSON object a line.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws ConfigurationException {
        PrintWriter out = spec.commandLine().getOut();
        Instant from = since == null ? Instant.EPOCH : since;
        Path directory = directory();
        if (json) {
            JournalReader.read(directory, from, selected(entry -> out.println(RecordText.complete(entry))));
        } else {
            HistoryTable table = new HistoryTable();
            JournalReader.read(directory, from, selected(table::add));
            out.print(table.isEmpty() ? "nothing is recorded" + scope() + "\n" : table.toString());
        }
        out.flush();
        return ExitCode.DONE;
    }

    private String scope() {
        return (vm == null ? "" : " of " + vm) + (since == null ? "" : " since " + since);
    }

    private Consumer<JournalRecord> selected(Consumer<JournalRecord> sink) {
        String wanted = vm;
        return entry -> {
            if (wanted == null || entry.vm() == null || entry.concerns(wanted)) {
                sink.accept(entry);
            }
        };
    }

    private Path directory() throws ConfigurationException {
        if (source.directory != null) {
            return source.directory;
        }
        Path file = source.configuration;
        if (file == null) {
            throw new IllegalStateException("neither --config nor --journal");
        }
        Optional<JournalSpec> journal = Configuration.load(file).journal();
        return journal.orElseThrow(() -> new ParameterException(
                        spec.commandLine(),
                        file + " has no `journal:` section, so nothing is recorded; add for example"
                                + " `journal: { directory: /var/lib/ringfence/journal, retain: 1GiB }`"))
                .directory();
    }
}
