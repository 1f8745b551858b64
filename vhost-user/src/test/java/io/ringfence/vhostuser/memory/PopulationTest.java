package io.ringfence.vhostuser.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.testing.Await;
import io.ringfence.vhostuser.frontend.SharedMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PopulationTest {
    private static final int MIB = 1 << 20;
    private static final long LENGTH = 64 * MIB;

    private final SharedMemory file = SharedMemory.create(LENGTH);

    @AfterEach
    void close() {
        file.close();
    }

    @Test
    void shouldMapWhatTheGuestHasTouchedAndNothingElseWhenItAttaches() throws IOException {
        // Nine places, apart from each other, of which one crosses a step.
        touch(0, 5 * MIB);
        touch(40 * MIB + 4096, 3 * MIB);
        for (long page = 0; page < 7; page++) {
            touch(50 * MIB + page * 100 * 4096, 4096);
        }
        int touched = 8 * MIB + 7 * 4096;
        MemoryRegion region = MemoryRegion.map(file.duplicateFd(), 0, LENGTH, 0, 0);

        Population.begin(region);

        awaitMapped(region, touched);
        assertThat(allocatedBytes()).as("memory of the guest").isEqualTo(touched);
        region.close();
    }

    @Test
    void shouldMapTheRegionOnlyWhenItIsAPartOfTheFile() throws IOException {
        file.touch();
        MemoryRegion region = MemoryRegion.map(file.duplicateFd(), 0, 3 * MIB + 100, 0, 10 * MIB + 50);

        Population.begin(region);

        int pages = 3 * MIB / 4096 + 1;
        awaitMapped(region, pages * 4096L);
        region.close();
    }

    @Test
    void shouldLeaveAddressesAloneWhenTheirRegionIsClosedMeanwhile() throws IOException {
        file.touch();
        for (int i = 0; i < 50; i++) {
            MemoryRegion region = MemoryRegion.map(file.duplicateFd(), 0, LENGTH, 0, 0);
            Population.begin(region);
            region.close();
            // Most likely at the same addresses, which what was begun must not touch any more.
            MemoryRegion next = MemoryRegion.map(file.duplicateFd(), 0, LENGTH, 0, 0);
            assertThat(region.populate(file.fd(), 0)).isNegative();
            assertThat(mappedBytes(next)).isZero();
            next.close();
        }
    }

    private static void awaitMapped(MemoryRegion region, long bytes) {
        Await.within(
                Duration.ofSeconds(10),
                () -> "%d bytes are mapped, not %d".formatted(bytes, mappedBytes(region)),
                () -> mappedBytes(region) == bytes);
    }

    private void touch(long offset, long length) {
        file.segment().asSlice(offset, length).fill((byte) 0);
    }

    private long allocatedBytes() throws IOException {
        Process stat =
                new ProcessBuilder("stat", "-L", "-c", "%b", "/proc/%d/fd/%d".formatted(pid(), file.fd())).start();
        return 512
                * Long.parseLong(new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip());
    }

    private static long pid() {
        return ProcessHandle.current().pid();
    }

    /** What of a region is in this process's page tables. */
    private static long mappedBytes(MemoryRegion region) {
        long page = region.segment().address() & -4096;
        try {
            List<String> lines = Files.readAllLines(Path.of("/proc/self/smaps"));
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).startsWith("%x-".formatted(page))) {
                    return rssKibibytes(lines.subList(i, lines.size())) * 1024;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new AssertionError("no mapping at %x".formatted(page));
    }

    private static long rssKibibytes(List<String> mapping) {
        return mapping.stream()
                .filter(line -> line.startsWith("Rss:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
