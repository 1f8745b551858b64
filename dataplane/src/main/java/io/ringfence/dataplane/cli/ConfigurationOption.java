package io.ringfence.dataplane.cli;

import io.ringfence.config.Configuration;
import io.ringfence.config.ConfigurationException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option that names the configuration file. */
final class ConfigurationOption {
    @Option(
            names = {"-c", "--config"},
            required = true,
            paramLabel = "FILE",
            description = "The configuration file (YAML).")
    @SuppressWarnings("NullAway.Init") // picocli sets it: it is required
    private Path file;

    /** Reads the file. */
    Configuration load() throws ConfigurationException {
        return Configuration.load(file);
    }
}
