package io.ringfence.vhostuser.linux;

import io.ringfence.testing.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How many descriptors this process has open. */
public final class OpenDescriptors {
    private OpenDescriptors() {}

    /** Their number when all those are closed that were to be closed soon. */
    public static long count() {
        Await.until("everything is closed that was to be", () -> SlowClose.unfinishedOfAll() == 0);
        try {
            return now();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits until there are so many. */
    public static void await(long expected) {
        Await.until(expected + " descriptors are open", () -> now() == expected);
    }

    private static long now() throws IOException {
        try (var entries = Files.list(Path.of("/proc/self/fd"))) {
            return entries.count();
        }
    }
}
