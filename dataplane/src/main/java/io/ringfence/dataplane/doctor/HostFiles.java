package io.ringfence.dataplane.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The files of a host below {@code /proc} and {@code /sys}, of this one or a recorded one; read only. */
public final class HostFiles {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final Path root;

    /** @param root {@code /} for this host */
    public HostFiles(Path root) {
        this.root = root;
    }

    /** Text of a file without the space around it; empty if it is not there or cannot be read. */
    Optional<String> read(String path) {
        try (InputStream file = Files.newInputStream(resolve(path))) {
            // Large reads: a second one, at an offset, gets nothing from a number under /proc/sys.
            byte[] buffer = new byte[BUFFER_BYTES];
            StringBuilder text = new StringBuilder();
            for (int length = file.read(buffer); length > 0; length = file.read(buffer)) {
                text.append(new String(buffer, 0, length, StandardCharsets.ISO_8859_1));
            }
            return Optional.of(text.toString().strip());
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    /** A number; empty if there is none. */
    Optional<Long> number(String path) {
        return read(path).filter(text -> text.matches("-?\\d{1,18}")).map(Long::valueOf);
    }

    /** A line such as {@code Name: value} of a file, without the name. */
    Optional<String> field(String path, String name) {
        return read(path)
                .flatMap(text -> text.lines()
                        .filter(line -> line.startsWith(name + ":"))
                        .map(line -> line.substring(name.length() + 1).strip())
                        .findFirst());
    }

    boolean exists(String path) {
        return Files.exists(resolve(path));
    }

    /** Names of the folders in a folder, in order; none if it is not there. */
    List<String> folders(String path) {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(resolve(path), Files::isDirectory)) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        } catch (IOException absent) {
            return List.of();
        }
        names.sort(null);
        return names;
    }

    /** Paths of all folders below a folder, in order; none if it is not there. */
    List<String> foldersBelow(String path) {
        List<String> paths = new ArrayList<>();
        for (String name : folders(path)) {
            String folder = path + "/" + name;
            paths.add(folder);
            paths.addAll(foldersBelow(folder));
        }
        return paths;
    }

    private Path resolve(String path) {
        return root.resolve(path.substring(1));
    }
}
