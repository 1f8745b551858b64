package io.ringfence.dataplane.cli;

import io.ringfence.dataplane.cli.log.LibraryLog;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.ServiceLoader;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command line of Ringfence: what every command shares. */
@Command(
        name = "ringfence",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        header = "A vhost-user switch that gives every VM's traffic a worker of its own under SCHED_DEADLINE.",
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        subcommands = {
            RunCommand.class,
            CheckCommand.class,
            DoctorCommand.class,
            QemuCommand.class,
            HistoryCommand.class,
            CommandLine.HelpCommand.class
        },
        footer = {
            "",
            "`ringfence COMMAND --help`, or `ringfence help COMMAND`, describes a command. A complete, commented configuration file is"
                    + " config/src/main/resources/io/ringfence/config/example.yaml in the sources.",
            "",
            "Exit codes: 0 done; 1 failed; 2 bad command line or configuration; 3 the host cannot give what was asked."
        })
public final class Ringfence {
    /** Wide enough for the longest option; fixed, because asking the terminal starts a process. */
    private static final int USAGE_WIDTH = 100;

    @Option(
            names = "--debug",
            hidden = true,
            scope = ScopeType.INHERIT,
            description = "Print the stack trace of a failure.")
    private boolean debug;

    private Ringfence() {}

    /** Runs one command and ends the JVM with its exit code. */
    public static void main(String[] arguments) {
        LibraryLog.install();
        System.exit(execute(writer(System.out), writer(System.err), arguments));
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, stream.charset());
    }

    /** Runs one command; returns its exit code. */
    static int execute(PrintWriter out, PrintWriter err, String... arguments) {
        Ringfence root = new Ringfence();
        CommandLine commandLine = new CommandLine(root);
        for (CommandProvider provider : ServiceLoader.load(CommandProvider.class)) {
            commandLine.addSubcommand(provider.command());
        }
        Failures failures = new Failures(() -> root.debug || System.getenv("RINGFENCE_DEBUG") != null);
        return commandLine
                // Also on a terminal: standard error may go elsewhere than standard output.
                .setColorScheme(Help.defaultColorScheme(Help.Ansi.OFF))
                .setUsageHelpWidth(USAGE_WIDTH)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(failures)
                .setExecutionExceptionHandler(failures)
                .setOut(out)
                .setErr(err)
                .execute(arguments);
    }
}
