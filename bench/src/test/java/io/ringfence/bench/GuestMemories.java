package io.ringfence.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Memory of embedded guests that this process has open. */
public final class GuestMemories {
    private GuestMemories() {}

    /** The number of descriptors. */
    public static long count() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.filter(GuestMemories::isMemory).count();
        }
    }

    private static boolean isMemory(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().contains("memfd:ringfence-guest");
        } catch (IOException e) {
            return false; // that of the list itself
        }
    }
}
