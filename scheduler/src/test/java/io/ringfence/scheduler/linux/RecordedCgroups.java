package io.ringfence.scheduler.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A tree of plain files in place of a cgroup file system: new groups get the files that a kernel would put there, and every
 * operation is recorded. What a kernel does beyond that is for the tests to script.
 */
final class RecordedCgroups extends CgroupFiles {
    final List<String> operations = new ArrayList<>();
    private final Map<Path, String> notes = new HashMap<>();
    String partitionState = "root";
    private final Map<String, String> filesOfNewGroup;

    RecordedCgroups(Path root, Map<String, String> filesOfNewGroup) {
        super(root);
        this.filesOfNewGroup = filesOfNewGroup;
    }

    /** Puts a group there that was before. */
    Path existing(String group, Map<String, String> contents) {
        try {
            Path folder = root().resolve(group);
            Files.createDirectories(folder);
            for (var file : contents.entrySet()) {
                Files.writeString(folder.resolve(file.getKey()), file.getValue() + "\n");
            }
            return folder;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    void write(Path group, String file, String value) throws CpusetException {
        operations.add(root().relativize(group.resolve(file)) + " = " + value);
        String effect = switch (file) {
            case "cpuset.cpus.partition" -> partitionState;
            case "cgroup.subtree_control" -> value.substring(1);
            default -> value;
        };
        super.write(group, file, effect);
    }

    @Override
    void note(Path group, String name, String value) {
        operations.add(root().relativize(group) + " noted " + name + ": " + value.replace("\n", " "));
        notes.put(group, value);
    }

    @Override
    Optional<String> noted(Path group, String name) {
        return Optional.ofNullable(notes.get(group));
    }

    @Override
    void create(Path group) throws CpusetException {
        operations.add("mkdir " + root().relativize(group));
        super.create(group);
        existing(root().relativize(group).toString(), filesOfNewGroup);
    }

    @Override
    void remove(Path group) throws CpusetException {
        if (!Files.exists(group)) {
            return;
        }
        operations.add("rmdir " + root().relativize(group));
        notes.remove(group);
        for (String file : filesOfNewGroup.keySet()) {
            try {
                Files.deleteIfExists(group.resolve(file));
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
        super.remove(group);
    }
}
