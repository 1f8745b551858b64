package io.ringfence.config;

import io.ringfence.config.document.Problems;
import io.ringfence.config.document.Section;
import io.ringfence.config.document.YamlTree;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A valid configuration: every reference resolves, every name is unique, every value is within its limits. Whether the
 * host can give what it asks for is not known yet.
 *
 * @param host what the host gives to the dataplane
 * @param networks at least one
 * @param vms in the order of the file; may be empty
 * @param journal where the record of what happened is kept; none is kept, if empty
 */
public record Configuration(Host host, List<Network> networks, List<Vm> vms, Optional<JournalSpec> journal) {
    public Configuration {
        networks = List.copyOf(networks);
        vms = List.copyOf(vms);
    }

    /**
     * Reads a configuration file in UTF-8.
     *
     * @throws ConfigurationException if it cannot be read or anything in it is wrong; names all problems at once
     */
    public static Configuration load(Path file) throws ConfigurationException {
        return parse(ConfigurationText.read(file), file.toString());
    }

    /**
     * Reads a configuration from {@code text}.
     *
     * @param fileName what messages call it
     * @throws ConfigurationException if anything in it is wrong; names all problems at once
     */
    public static Configuration parse(String text, String fileName) throws ConfigurationException {
        Problems problems = new Problems();
        Optional<Section> file =
                YamlTree.parse(text, problems).flatMap(root -> ConfigurationFile.FILE.read(root, "", problems));
        file.ifPresent(section -> CrossChecks.check(section, problems));
        if (file.isEmpty() || !problems.isEmpty()) {
            throw new ConfigurationException(fileName, problems.inDocumentOrder());
        }
        return ConfigurationRecords.configuration(file.get());
    }
}
