package io.ringfence.bench.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CacheSizesTest {
    private static final long OTHERWISE = 12_345;

    @TempDir
    private Path caches;

    @Test
    void shouldFindTheLevel2CacheAmongTheOthers() throws IOException {
        cache("index0", "1", "Data", "48K");
        cache("index1", "1", "Instruction", "32K");
        cache("index2", "2", "Unified", "1024K");
        cache("index3", "3", "Unified", "32768K");
        Files.createFile(caches.resolve("uevent"));
        assertThat(CacheSizes.level2Bytes(caches, OTHERWISE)).isEqualTo(1 << 20);
    }

    @Test
    void shouldGoByTheUsualWhenTheHostDoesNotSay() throws IOException {
        assertThat(CacheSizes.level2Bytes(caches.resolve("absent"), OTHERWISE)).isEqualTo(OTHERWISE);
        cache("index0", "1", "Data", "48K");
        assertThat(CacheSizes.level2Bytes(caches, OTHERWISE)).isEqualTo(OTHERWISE);
        cache("index2", "2", "Unified", "much");
        assertThat(CacheSizes.level2Bytes(caches, OTHERWISE)).isEqualTo(OTHERWISE);
    }

    private void cache(String name, String level, String type, String size) throws IOException {
        Path folder = Files.createDirectory(caches.resolve(name));
        Files.writeString(folder.resolve("level"), level + "\n");
        Files.writeString(folder.resolve("type"), type + "\n");
        Files.writeString(folder.resolve("size"), size + "\n");
    }
}
