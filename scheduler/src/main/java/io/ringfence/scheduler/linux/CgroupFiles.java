package io.ringfence.scheduler.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The file operations on one cgroup hierarchy. Not final: tests put a recorded tree with a simulated kernel here. */
class CgroupFiles {
    private static final long REMOVE_WITHIN_MILLIS = 2000;
    private static final long TAKEN_WITHIN_MILLIS = 100;

    private final Path root;

    CgroupFiles(Path root) {
        this.root = root;
    }

    final Path root() {
        return root;
    }

    final boolean has(Path group, String file) {
        return Files.exists(group.resolve(file));
    }

    final String read(Path group, String file) throws CpusetException {
        return readIfPresent(group, file)
                .orElseThrow(() -> new CpusetException("cannot read " + group.resolve(file)
                        + "; expected a cgroup with the cpuset controller enabled"));
    }

    final Optional<String> readIfPresent(Path group, String file) {
        try {
            return Optional.of(Files.readString(group.resolve(file)).strip());
        } catch (IOException absent) {
            return Optional.empty();
        }
    }

    /** Writes one value with one {@code write(2)}, as cgroup files demand; none at all with a line break, for of nothing there is no write. */
    void write(Path group, String file, String value) throws CpusetException {
        try {
            Files.writeString(
                    group.resolve(file),
                    value.isEmpty() ? "\n" : value,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING);
        } catch (IOException refused) {
            String reason = refused instanceof FileSystemException named && named.getReason() != null
                    ? named.getReason()
                    : String.valueOf(refused.getMessage());
            throw new CpusetException(
                    "cannot write '" + value + "' to " + group.resolve(file) + ": " + reason
                            + (Files.exists(group.resolve(file))
                                    ? CgroupRule.explain(file, reason)
                                    : " (no such file)"),
                    refused);
        }
    }

    /**
     * Writes a value that the kernel may refuse for a moment, and goes without it if that lasts: EBUSY passes when the
     * bandwidth of threads that have just ended is released.
     */
    final void writeIfTaken(Path group, String file, String value) {
        long giveUpMillis = System.currentTimeMillis() + TAKEN_WITHIN_MILLIS;
        while (has(group, file)) {
            try {
                write(group, file, value);
                return;
            } catch (CpusetException refused) {
                if (System.currentTimeMillis() > giveUpMillis || !pause()) {
                    return;
                }
            }
        }
    }

    /** Leaves a note at a group that goes with it, also when its owner is killed; where the kernel keeps none (before 5.7), nothing. */
    void note(Path group, String name, String value) {
        try {
            Files.setAttribute(group, "user:" + name, value.getBytes(StandardCharsets.UTF_8));
        } catch (IOException refused) {
            // Whoever looks for it does without.
        }
    }

    /** What was noted; empty if nothing was. */
    Optional<String> noted(Path group, String name) {
        try {
            return Optional.of(new String((byte[]) Files.getAttribute(group, "user:" + name), StandardCharsets.UTF_8));
        } catch (IOException absent) {
            return Optional.empty();
        }
    }

    void create(Path group) throws CpusetException {
        try {
            Files.createDirectory(group);
        } catch (IOException refused) {
            throw new CpusetException(
                    "cannot create the cgroup " + group + ": " + refused
                            + "; it needs root (CAP_SYS_ADMIN) and a writable cgroup file system",
                    refused);
        }
    }

    /** Removes an empty cgroup; threads that are just exiting may keep it busy for a moment. */
    void remove(Path group) throws CpusetException {
        long giveUpMillis = System.currentTimeMillis() + REMOVE_WITHIN_MILLIS;
        while (true) {
            try {
                Files.deleteIfExists(group);
                return;
            } catch (IOException refused) {
                boolean mayPass =
                        refused instanceof FileSystemException && !(refused instanceof DirectoryNotEmptyException);
                if (!mayPass || System.currentTimeMillis() > giveUpMillis || !pause()) {
                    throw new CpusetException(
                            "cannot remove the cgroup " + group + ": " + refused
                                    + "; end the tasks in it, then rmdir it",
                            refused);
                }
            }
        }
    }

    final List<Path> children(Path group) throws CpusetException {
        List<Path> children = new ArrayList<>();
        try (var entries = Files.newDirectoryStream(group, Files::isDirectory)) {
            entries.forEach(children::add);
        } catch (IOException failure) {
            throw new CpusetException("cannot list " + group + ": " + failure, failure);
        }
        children.sort(null);
        return children;
    }

    /** The groups of the whole hierarchy that are wanted. Those that come or go meanwhile, as groups of services do, may be missing. */
    final List<Path> groups(Predicate<Path> wanted) throws CpusetException {
        List<Path> groups = new ArrayList<>();
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path group, BasicFileAttributes attributes) {
                    if (wanted.test(group)) {
                        groups.add(group);
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path path, IOException failure) throws IOException {
                    return goOnIfGone(path, failure);
                }

                @Override
                public FileVisitResult postVisitDirectory(Path group, @Nullable IOException failure)
                        throws IOException {
                    return failure == null ? FileVisitResult.CONTINUE : goOnIfGone(group, failure);
                }
            });
        } catch (IOException failure) {
            throw new CpusetException("cannot list " + root + ": " + failure, failure);
        }
        return groups;
    }

    private static FileVisitResult goOnIfGone(Path path, IOException failure) throws IOException {
        if (Files.exists(path)) {
            throw failure;
        }
        return FileVisitResult.CONTINUE;
    }

    final List<Integer> threadIds(Path group, String file) {
        return readIfPresent(group, file)
                .orElse("")
                .lines()
                .map(Integer::valueOf)
                .toList();
    }

    private static boolean pause() {
        try {
            Thread.sleep(5);
            return true;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
