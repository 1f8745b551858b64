package io.ringfence.dataplane.cli;

import io.ringfence.config.ConfigurationException;
import io.ringfence.dataplane.cli.output.ExitCode;
import io.ringfence.dataplane.cli.output.OneLine;
import io.ringfence.dataplane.control.RunDirectoryException;
import io.ringfence.dataplane.control.SocketRefusedException;
import io.ringfence.dataplane.cost.CostModelRefusedException;
import io.ringfence.dataplane.journal.JournalException;
import io.ringfence.scheduler.SchedulingRefusedException;
import io.ringfence.vhostuser.frontend.DeviceFaultException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Tells the user why a command failed, in a line, and which exit code that is. */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
    private final BooleanSupplier debug;

    /** @param debug whether stack traces are wanted */
    Failures(BooleanSupplier debug) {
        this.debug = debug;
    }

    @Override
    public int handleParseException(ParameterException found, String[] arguments) {
        CommandLine command = found.getCommandLine();
        // A mistyped option is what is wrong, not that the right one is missing.
        List<String> unmatched = command.getUnmatchedArguments();
        ParameterException failure = found instanceof MissingParameterException && !unmatched.isEmpty()
                ? new UnmatchedArgumentException(command, unmatched)
                : found;
        command.getErr()
                .println("ringfence: " + String.valueOf(failure.getMessage()).replaceFirst("^Error: ", ""));
        if (!UnmatchedArgumentException.printSuggestions(failure, command.getErr())) {
            command.getErr()
                    .println("`" + command.getCommandSpec().qualifiedName() + " --help` describes the command line.");
        }
        return ExitCode.BAD_INPUT;
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
        if (debug.getAsBoolean() || isDefect(failure)) {
            failure.printStackTrace(command.getErr());
        }
        command.getErr().println(message(failure));
        return code(failure);
    }

    /** What nobody expected: its stack trace is worth more than a second try with {@code --debug}, in which it may not come again. */
    private static boolean isDefect(Exception failure) {
        return failure instanceof DeviceFaultException
                || (failure instanceof RuntimeException
                        && failure.getClass().getPackageName().startsWith("java.")
                        && !(failure instanceof UncheckedIOException));
    }

    private static String message(Exception failure) {
        return switch (failure) {
            // Lines of FILE:LINE:COLUMN, as editors understand them.
            case ConfigurationException wrong -> String.valueOf(wrong.getMessage());
            // Several lines where several VMs or changes are named.
            case SchedulingRefusedException refused -> "ringfence: " + refused.getMessage();
            case CostModelRefusedException refused -> "ringfence: " + OneLine.of(String.valueOf(refused.getMessage()));
            case JournalException refused -> "ringfence: " + OneLine.of(String.valueOf(refused.getMessage()));
            case RunDirectoryException refused -> "ringfence: " + OneLine.of(String.valueOf(refused.getMessage()));
            case SocketRefusedException refused -> "ringfence: " + OneLine.of(String.valueOf(refused.getMessage()));
            // The messages of java.io and java.nio are often a bare path; the class says what is wrong with it.
            default -> "ringfence: " + OneLine.of(failure.toString());
        };
    }

    private static int code(Exception failure) {
        return switch (failure) {
            case ConfigurationException wrong -> ExitCode.BAD_INPUT;
            case SchedulingRefusedException refused -> ExitCode.HOST_REFUSES;
            case CostModelRefusedException refused -> ExitCode.HOST_REFUSES;
            case JournalException refused -> ExitCode.HOST_REFUSES;
            case RunDirectoryException refused -> ExitCode.HOST_REFUSES;
            default -> ExitCode.FAILED;
        };
    }
}
