package io.ringfence.scheduler;

import io.ringfence.scheduler.linux.CpuList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;

/** The CPUs of this host that are switched on. */
public final class OnlineCpus {
    private static final Path LIST = Path.of("/sys/devices/system/cpu/online");

    private OnlineCpus() {}

    /**
     * Reads them, now; the set is the caller's.
     *
     * @throws UncheckedIOException if the kernel does not tell
     */
    public static BitSet read() {
        try {
            return CpuList.parse(Files.readString(LIST));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(
                    "cannot read " + LIST + ", the list of CPUs; mount it: mount -t sysfs none /sys", unreadable);
        }
    }

    /**
     * The one with the highest number.
     *
     * @throws UncheckedIOException if the kernel does not tell
     */
    public static int last() {
        return read().length() - 1;
    }
}
