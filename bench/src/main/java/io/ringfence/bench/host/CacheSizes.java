package io.ringfence.bench.host;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The caches of a CPU, as the kernel lists them. */
public final class CacheSizes {
    private static final Path CPUS = Path.of("/sys/devices/system/cpu");

    private CacheSizes() {}

    /** Bytes of the level 2 data cache of a CPU, or {@code otherwise} if this host does not say. */
    public static long level2Bytes(int cpu, long otherwise) {
        return level2Bytes(CPUS.resolve("cpu" + cpu + "/cache"), otherwise);
    }

    static long level2Bytes(Path caches, long otherwise) {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(caches, "index*")) {
            for (Path cache : found) {
                if (read(cache, "level").equals("2") && !read(cache, "type").equals("Instruction")) {
                    return parse(read(cache, "size"));
                }
            }
        } catch (IOException | NumberFormatException unknown) {
            return otherwise;
        }
        return otherwise;
    }

    private static String read(Path cache, String name) throws IOException {
        return Files.readString(cache.resolve(name)).strip();
    }

    /** A size such as {@code 1024K}. */
    private static long parse(String size) {
        return size.endsWith("K") ? Long.parseLong(size.substring(0, size.length() - 1)) << 10 : Long.parseLong(size);
    }
}
