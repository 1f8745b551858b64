package io.ringfence.vhostuser.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.sun.jna.Function;
import io.ringfence.testing.Requirement;
import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.frontend.SharedMemory;
import io.ringfence.vhostuser.linux.Libc;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryRegionTest {
    private static final long PAGE = 4096;

    private final SharedMemory file = SharedMemory.create(16 * PAGE);

    @AfterEach
    void close() {
        file.close();
    }

    @ParameterizedTest
    @CsvSource({
        "0x1000, 0, 0x1000, 0, must be positive",
        "0x1000, -4096, 0x1000, 0, must be positive",
        "0x1000, 4096, 0x1000, -4096, must be positive",
        "0x1000, 0x7fffffffffffffff, 0x1000, 4096, must be positive",
        "-4095, 4096, 0x1000, 0, wrap",
        "0x1000, 4096, -4095, 0, wrap",
        "0x1000, 65537, 0x1000, 0, 'ends beyond the file, which has 0x10000 bytes'",
        "0x1000, 4096, 0x1000, 0xf001, ends beyond the file",
        "0x1000, 0x10000000000, 0x1000, 0, ends beyond the file"
    })
    void shouldRefuseRegionWhenItsNumbersMakeNoSense(
            String guest, String length, String user, String offset, String reason) {
        assertThatIOException()
                .isThrownBy(() -> MemoryRegion.map(
                        file.fd(), Long.decode(guest), Long.decode(length), Long.decode(user), Long.decode(offset)))
                .withMessageContaining("memory region guest=0x")
                .withMessageContaining(reason);
    }

    @Test
    void shouldRefuseDescriptorWhenItIsNoFile() {
        try (EventFd event = EventFd.create()) {
            assertThatIOException()
                    .isThrownBy(() -> MemoryRegion.map(event.fd(), 0, PAGE, 0, 0))
                    .withMessageContaining("eventfd");
        }
    }

    @Test
    void shouldRefuseFileWhenItIsOnDisk() throws IOException {
        Path onDisk = Files.createTempFile(Path.of("target"), "memory", null);
        Requirement.of(!Files.getFileStore(onDisk).type().equals("tmpfs"), "needs its target folder on a disk");
        int fd = open(onDisk);
        try {
            assertThatIOException()
                    .isThrownBy(() -> MemoryRegion.map(fd, 0, PAGE, 0, 0))
                    .withMessageContaining("expected a memfd or a file of tmpfs or hugetlbfs")
                    .withMessageContaining(onDisk.toString());
        } finally {
            Libc.close(fd);
            Files.delete(onDisk);
        }
    }

    @Test
    void shouldMapFileWhenItIsOnTmpfs() throws IOException {
        Path directory = Path.of("/dev/shm");
        Requirement.of(
                Files.isWritable(directory)
                        && Files.getFileStore(directory).type().equals("tmpfs"),
                "needs a tmpfs in /dev/shm");
        Path inMemory = Files.createTempFile(directory, "memory", null);
        MemoryRegion region = MemoryRegion.map(open(inMemory), 0, PAGE, 0, 0);
        Files.delete(inMemory);

        assertThat(region.segment().get(ValueLayout.JAVA_BYTE, 0)).isZero();
        region.close();
    }

    /** Opens a file and gives it a page. */
    private static int open(Path path) {
        int fd = Function.getFunction("c", "open").invokeInt(new Object[] {path.toString(), 2});
        Libc.check("ftruncate", Libc.ftruncate(Libc.check("open", fd), PAGE));
        return fd;
    }

    @Test
    void shouldMapRegionWhenItStartsAnywhereInFile() throws IOException {
        MemoryRegion region = MemoryRegion.map(file.duplicateFd(), 0x1000, 100, 0x2000, 4001);

        file.segment().set(ValueLayout.JAVA_BYTE, 4100, (byte) 5);

        assertThat(region.segment().get(ValueLayout.JAVA_BYTE, 99)).isEqualTo((byte) 5);
        region.close();
    }

    @ParameterizedTest
    @CsvSource({
        "0x1000, 4096, 0x2000, 4096, false",
        "0x1000, 4097, 0x2000, 4096, true",
        "0x1000, 8192, 0x1800, 16, true",
        "0x1000, 4096, 0x0, 4096, false",
        "-4096, 4096, 0x0, 4096, false",
        "-4096, 4096, -1, 1, true"
    })
    void shouldOverlapWhenRegionsShareAnAddress(
            String guest, int length, String other, int otherLength, boolean expected) throws IOException {
        MemoryRegion one = MemoryRegion.map(file.duplicateFd(), Long.decode(guest), length, 0, 0);
        MemoryRegion two = MemoryRegion.map(file.duplicateFd(), Long.decode(other), otherLength, 0, 0);

        assertThat(one.overlaps(two)).isEqualTo(expected);
        assertThat(two.overlaps(one)).isEqualTo(expected);
        one.close();
        two.close();
    }

    @Test
    void shouldReturnDescriptorAndMappingWhenClosed() throws IOException {
        int fd = file.duplicateFd();
        MemoryRegion region = MemoryRegion.map(fd, 0, 16 * PAGE, 0, 0);
        String mapping = "%x-".formatted(region.segment().address());
        assertThat(mappings()).anyMatch(line -> line.startsWith(mapping));

        region.close();

        assertThat(mappings()).noneMatch(line -> line.startsWith(mapping));
        assertThat(Path.of("/proc/self/fd/" + fd)).doesNotExist();
    }

    @Test
    void shouldMapItsOwnPagesOnlyWhenRegionStartsFarInFile() throws IOException {
        long offset = 1L << 40;
        int fd = file.duplicateFd();
        Libc.check("ftruncate", Libc.ftruncate(fd, offset + 2 * PAGE));
        MemoryRegion region = MemoryRegion.map(fd, 0, 2 * PAGE - 100, 0, offset + 100);
        long start = region.segment().address() - 100;

        assertThat(mappings()).anyMatch(line -> line.startsWith("%x-%x ".formatted(start, start + 2 * PAGE)));

        region.close();
    }

    @Test
    void shouldReturnMappingWhenRegionOfHugePagesEndsWithinOne() throws IOException {
        Path free = Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages");
        // Not what CI must have: UnbackedMemoryTest of dataplane needs a host without a free one.
        Requirement.ofKernel(
                Files.exists(free) && Integer.parseInt(Files.readAllLines(free).getFirst()) >= 2,
                "needs two free huge pages: echo 2 > /proc/sys/vm/nr_hugepages");
        try (SharedMemory huge = SharedMemory.createOfHugePages(4 << 20)) {
            MemoryRegion region = MemoryRegion.map(huge.duplicateFd(), 0, 3 << 20, 0, 0);
            String mapping = "%x-".formatted(region.segment().address());

            region.close();

            assertThat(mappings()).noneMatch(line -> line.startsWith(mapping));
        }
    }

    private static List<String> mappings() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps"));
    }
}
