package io.ringfence.bench.options;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** Files that are written once all is measured: what is wrong with them is said before. */
public final class WritableFile {
    private WritableFile() {}

    /**
     * Requires that the file of an option can be written; changes nothing.
     *
     * @param file none where the user has not named one
     * @throws picocli.CommandLine.ParameterException if it cannot
     */
    public static void require(CommandSpec command, String option, @Nullable Path file) {
        if (file != null) {
            obstacle(file.toAbsolutePath())
                    .ifPresent(obstacle -> Requirement.require(
                            command,
                            option,
                            file,
                            false,
                            "a file that can be written, but %s name another file".formatted(obstacle)));
        }
    }

    /**
     * Requires that two options do not name the same file, however they spell it: one would be written over the other. A
     * device or a pipe takes both.
     *
     * @param file none where the user has not named one, as {@code other}
     * @throws picocli.CommandLine.ParameterException if they do
     */
    public static void requireDifferent(
            CommandSpec command, String option, @Nullable Path file, String otherOption, @Nullable Path other) {
        if (file != null && other != null) {
            Requirement.require(
                    command,
                    option,
                    file,
                    !isSame(file, other),
                    "another file than that of %s, for one would be written over the other".formatted(otherOption));
        }
    }

    private static boolean isSame(Path one, Path other) {
        try {
            if (Files.exists(one) && Files.exists(other)) {
                return Files.isRegularFile(one) && Files.isSameFile(one, other);
            }
            return resolved(one).equals(resolved(other));
        } catch (IOException gone) {
            return false; // a folder that was there before: writing will tell
        }
    }

    /** Of a file that need not exist, in a folder that does. */
    private static Path resolved(Path file) throws IOException {
        Path absolute = file.toAbsolutePath();
        return Objects.requireNonNull(absolute.getParent()).toRealPath().resolve(absolute.getFileName());
    }

    private static Optional<String> obstacle(Path file) {
        Path folder = file.getParent();
        if (folder == null || Files.isDirectory(file)) {
            return Optional.of("it is a folder;");
        }
        if (!Files.exists(folder)) {
            return Optional.of("there is no folder %s; create it, or".formatted(folder));
        }
        if (!Files.isDirectory(folder)) {
            return Optional.of("%s is no folder;".formatted(folder));
        }
        try {
            tryOut(file);
            return Optional.empty();
        } catch (AccessDeniedException denied) {
            return Optional.of("%s may not be written; run as a user who may, or"
                    .formatted(Files.exists(file) ? "it" : "the folder " + folder));
        } catch (IOException refused) {
            return Optional.of("nothing can be written in the folder %s (%s);".formatted(folder, reason(refused)));
        }
    }

    /** By doing it: rights alone do not tell, since root has them in folders of the kernel too. */
    private static void tryOut(Path file) throws IOException {
        if (Files.isRegularFile(file)) {
            Files.newByteChannel(file, StandardOpenOption.WRITE).close();
        } else if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            Files.delete(Files.createFile(file));
        } else if (Files.exists(file) && !Files.isWritable(file)) {
            // A device or a pipe, which must not be opened to find out.
            throw new AccessDeniedException(file.toString());
        }
    }

    private static String reason(IOException refused) {
        return refused instanceof FileSystemException file && file.getReason() != null
                ? file.getReason()
                : "the kernel makes no files there";
    }
}
