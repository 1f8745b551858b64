package io.ringfence.dataplane.cli;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** What a bug report needs to know of this installation. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        // From the manifest of the jar; there is none when classes are run from a build folder.
        String version =
                Objects.requireNonNullElse(Ringfence.class.getPackage().getImplementationVersion(), "(not packaged)");
        return new String[] {
            "ringfence " + version,
            "Java " + Runtime.version() + " (" + System.getProperty("java.vendor") + ")",
            System.getProperty("os.name") + " " + System.getProperty("os.version") + " " + System.getProperty("os.arch")
        };
    }
}
