package io.ringfence.dataplane.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;

/** What one command printed, and its exit code. */
record CommandLineRun(int exitCode, String out, String err) {
    static CommandLineRun of(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Ringfence.execute(new PrintWriter(out), new PrintWriter(err), arguments);
        return new CommandLineRun(exitCode, out.toString(), err.toString());
    }

    /** Writes a configuration file; returns its path. */
    static String file(Path folder, String... lines) throws IOException {
        return Files.writeString(folder.resolve("ringfence.yaml"), String.join("\n", lines) + "\n")
                .toString();
    }
}
