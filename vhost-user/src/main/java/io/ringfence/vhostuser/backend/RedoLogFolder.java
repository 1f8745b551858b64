package io.ringfence.vhostuser.backend;

import io.ringfence.vhostuser.virtqueue.RedoLog;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Redo logs in mapped files, {@code PREFIX.QUEUE} in a folder that must be empty after a boot, as those in {@code /run} are.
 *
 * <p>The page cache survives a process however it ends, so that nothing is ever flushed.
 */
public final class RedoLogFolder implements RedoLogs {
    private static final Set<StandardOpenOption> CREATE =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    /** What is in a log is believed, and one that gets shorter is a fault: front-ends of the same group are to have no hand in it. */
    private static final FileAttribute<?> OWNERS_FILE = only("rw-------");

    private static final FileAttribute<?> OWNERS_FOLDER = only("rwx------");

    private final Path folder;
    private final String prefix;
    private final Consumer<String> problems;

    /**
     * @param prefix different for any two devices whose sessions are alive at one time
     * @param problems is told in a sentence why a log cannot be kept
     */
    public RedoLogFolder(Path folder, String prefix, Consumer<String> problems) {
        this.folder = folder;
        this.prefix = prefix;
        this.problems = problems;
    }

    private static FileAttribute<?> only(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }

    @Override
    public @Nullable RedoLog open(int queue, int sizeEntries) {
        Path file = file(queue);
        long lengthBytes = RedoLog.lengthBytes(sizeEntries);
        try {
            Files.createDirectories(folder, OWNERS_FOLDER);
            if (!Files.isRegularFile(file) || Files.size(file) != lengthBytes) {
                create(file, lengthBytes);
            }
            return map(file, lengthBytes, sizeEntries);
        } catch (IOException e) {
            problems.accept("cannot keep the place of packed queue %d, which will be lost if this process ends: %s: %s"
                    .formatted(queue, file, e));
            return null;
        }
    }

    private Path file(int queue) {
        return folder.resolve(prefix + "." + queue);
    }

    /** A new file, not the old one with another length: that may still be mapped. */
    private static void create(Path file, long lengthBytes) throws IOException {
        Files.deleteIfExists(file);
        try (FileChannel channel = FileChannel.open(file, CREATE, OWNERS_FILE)) {
            // Written, not just made this long: a store to a page that a full file system cannot give would be fatal.
            ByteBuffer zeros = ByteBuffer.allocate(Math.toIntExact(lengthBytes));
            while (zeros.hasRemaining()) {
                channel.write(zeros);
            }
        }
    }

    @Override
    public void remove(int queue) {
        Path file = file(queue);
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            problems.accept(
                    "cannot remove what is no longer needed of packed queue %d: %s: %s".formatted(queue, file, e));
        }
    }

    private static RedoLog map(Path file, long lengthBytes, int sizeEntries) throws IOException {
        // Not one that the collector closes, which may be hours away: a process has 65,530 mappings at most.
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MemorySegment mapped = channel.map(MapMode.READ_WRITE, 0, lengthBytes, arena);
            // The kind of segment that all other memory of the packet path is: one type is what its code is compiled
            // for.
            MemorySegment memory = MemorySegment.ofAddress(mapped.address()).reinterpret(lengthBytes, arena, null);
            return new RedoLog(memory, sizeEntries, arena::close);
        } catch (IOException | RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }
}
