package io.ringfence.scheduler.linux;

import com.sun.jna.LastErrorException;
import java.nio.file.Path;

/**
 * An exclusive {@code flock(2)} on a folder: processes that make and remove partitions take turns. The kernel releases it
 * when its holder dies, and it needs no file of its own.
 */
final class DirectoryLock {
    /** What is done under the lock. */
    @FunctionalInterface
    interface Action<T> {
        T run() throws CpusetException;
    }

    private DirectoryLock() {}

    static <T> T holding(Path folder, Action<T> action) throws CpusetException {
        int fd = open(folder);
        try {
            Libc.flock(fd, Libc.LOCK_EX);
            return action.run();
        } catch (LastErrorException failure) {
            throw new CpusetException("cannot lock " + folder + ": " + failure.getMessage(), failure);
        } finally {
            Libc.close(fd);
        }
    }

    private static int open(Path folder) throws CpusetException {
        try {
            return Libc.open(folder.toString(), Libc.O_RDONLY | Libc.O_CLOEXEC);
        } catch (LastErrorException failure) {
            throw new CpusetException("cannot open " + folder + ": " + failure.getMessage(), failure);
        }
    }
}
