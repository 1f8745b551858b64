package io.ringfence.dataplane.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/**
 * The directory of a journal: that one process writes to it, and how much it holds.
 *
 * <p>The journal is a file for each five minutes, named by their time in UTC.
 */
final class JournalDirectory implements AutoCloseable {
    private static final String SUFFIX = ".cq4";
    private static final String LOCK = "lock";
    /** Whoever else is to read the journal, for example a group, has the directory made before. */
    private static final FileAttribute<?> OWNERS =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path directory;
    private final FileChannel lockFile;

    private JournalDirectory(Path directory, FileChannel lockFile) {
        this.directory = directory;
        this.lockFile = lockFile;
    }

    /**
     * Creates the directory if it is not there, and takes it for this process.
     *
     * @throws JournalException if it cannot be written to, or another process does
     */
    static JournalDirectory take(Path directory) {
        try {
            if (!Files.isDirectory(directory)) {
                Files.createDirectories(directory.toAbsolutePath().getParent());
                Files.createDirectory(directory, OWNERS);
            }
            FileChannel file =
                    FileChannel.open(directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!lock(file)) {
                file.close();
                throw new JournalException("journal directory " + directory
                        + " is in use by another running Ringfence; give each its own");
            }
            return new JournalDirectory(directory, file);
        } catch (IOException e) {
            throw new JournalException(
                    "journal directory " + directory + " cannot be used: " + reason(e)
                            + "; name another one under `journal: { directory: … }`, or make this one writable",
                    e);
        }
    }

    private static boolean lock(FileChannel file) throws IOException {
        try {
            FileLock lock = file.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException thisProcess) {
            return false;
        }
    }

    private static String reason(IOException e) {
        return switch (e) {
            case FileAlreadyExistsException file -> file.getMessage() + " is not a directory";
            case AccessDeniedException denied -> "permission denied for " + denied.getMessage();
            case NoSuchFileException absent -> "there is no " + absent.getMessage();
            case FileSystemException other -> String.valueOf(other.getMessage());
            default -> e.toString();
        };
    }

    Path path() {
        return directory;
    }

    /** Bytes that can still be written to its file system. */
    long usableBytes() throws IOException {
        return Files.getFileStore(directory).getUsableSpace();
    }

    /** Whether a journal was ever begun there. */
    static boolean isOne(Path directory) {
        return Files.exists(directory.resolve(LOCK));
    }

    /** The journal's files, oldest first. */
    static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(SUFFIX))
                    .sorted()
                    .toList();
        }
    }

    /**
     * Deletes the oldest files until at most so many bytes are left, but never the newest file.
     *
     * @return the bytes left, by the lengths of the files; what they occupy on disk is less
     */
    long shrinkTo(long bytes) throws IOException {
        List<Path> files = files(directory);
        long left = 0;
        for (Path file : files) {
            left += Files.size(file);
        }
        for (Path oldest : files.subList(0, Math.max(0, files.size() - 1))) {
            if (left <= bytes) {
                break;
            }
            left -= Files.size(oldest);
            Files.delete(oldest);
        }
        return left;
    }

    @Override
    public void close() {
        try {
            lockFile.close();
        } catch (IOException e) {
            // The lock is gone with the process at the latest.
        }
    }
}
