package io.ringfence.dataplane.cli;

import io.ringfence.dataplane.cost.CostModelFile;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option that names the file with the cost model of this host. */
public final class CostModelOption {
    @Option(
            names = "--cost-model",
            paramLabel = "FILE",
            defaultValue = "/var/lib/ringfence/cost-model.json",
            description =
                    "The cost model of this host, as `ringfence calibrate` stores it (default:" + " ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // picocli sets it: it has a default
    private Path file;

    /** The file; nothing is read yet. */
    public CostModelFile file() {
        return new CostModelFile(file);
    }
}
