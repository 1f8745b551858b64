package io.ringfence.vhostuser.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ringfence.vhostuser.frontend.SharedMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GuestMemoryTest {
    private static final long PAGE = 4096;

    private final SharedMemory file = SharedMemory.create(16 * PAGE);
    private GuestMemory memory = GuestMemory.empty();

    /** Two adjacent regions at the bottom, and one whose last byte is the last of the address space. */
    @BeforeEach
    void map() throws IOException {
        memory = new GuestMemory(List.of(
                region(0x10000, 2 * PAGE, 0x7000_0000, 0),
                region(0x10000 + 2 * PAGE, PAGE, 0x7100_0000, 2 * PAGE),
                region(-PAGE, PAGE, 0x7200_0000, 3 * PAGE)));
    }

    @AfterEach
    void close() {
        memory.regions().forEach(MemoryRegion::close);
        file.close();
    }

    private MemoryRegion region(long guest, long length, long user, long offset) throws IOException {
        return MemoryRegion.map(file.duplicateFd(), guest, length, user, offset);
    }

    @ParameterizedTest
    @CsvSource({
        "0xffff, -1, 0",
        "0x10000, 0, 0",
        "0x11fff, 0, 0x1fff",
        "0x12000, 1, 0",
        "0x12fff, 1, 0xfff",
        "0x13000, -1, 0",
        "0, -1, 0",
        "-1, 2, 0xfff",
        "-4096, 2, 0",
        "-4097, -1, 0"
    })
    void shouldFindRegionWhenAddressIsAtItsEdges(String address, int region, String offset) {
        long guest = Long.decode(address);

        assertThat(memory.find(guest)).isEqualTo(region);
        if (region >= 0) {
            assertThat(memory.offset(region, guest)).isEqualTo(Long.decode(offset));
        }
    }

    @Test
    void shouldSeeFileWhereRegionLiesInIt() {
        file.segment().set(ValueLayout.JAVA_LONG, 2 * PAGE, 42);

        assertThat(memory.segment(1).get(ValueLayout.JAVA_LONG, 0)).isEqualTo(42);
        assertThat(memory.segment(1).byteSize()).isEqualTo(PAGE);
        assertThat(memory.lengthBytes(0)).isEqualTo(2 * PAGE);
    }

    @ParameterizedTest
    @CsvSource({
        "0x6fffffff, 1",
        "0x70000000, 8193",
        "0x70001fff, 2",
        "0x70002000, 1",
        "-1, 2",
        "0, 1",
        "0x70000000, 0x7fffffffffffffff"
    })
    void shouldRefuseUserRangeWhenItIsNotInsideOneRegion(String address, String length) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> memory.translateUser(Long.decode(address), Long.decode(length)))
                .withMessageContaining("not wholly inside one of 3 regions");
    }

    @Test
    void shouldTranslateUserRangeWhenItEndsAtEndOfRegion() {
        file.segment().set(ValueLayout.JAVA_BYTE, 2 * PAGE - 1, (byte) 7);

        assertThat(memory.translateUser(0x7000_1fffL, 1).get(ValueLayout.JAVA_BYTE, 0))
                .isEqualTo((byte) 7);
    }

    @Test
    void shouldNoticeTruncationOnlyWhenFileEndsInsideRegion() {
        file.truncate(4 * PAGE);
        assertThat(memory.truncated()).isFalse();

        file.truncate(4 * PAGE - 1);
        assertThat(memory.truncated()).isTrue();
        assertThat(memory.regions().get(0).truncated()).isFalse();
    }

    @Test
    void shouldSayWhichRangesFaultWhenTheirPagesCannotBeHad() {
        MemorySegment first = memory.segment(0);
        assertThat(memory.faults(first, 0, 2 * PAGE, true)).isFalse();

        file.truncate(PAGE);

        assertThat(memory.faults(first, 0, PAGE, true)).isFalse();
        assertThat(memory.faults(first, PAGE - 1, 2, true)).isTrue();
        assertThat(memory.faults(first, PAGE + 8, 1, false)).isTrue();
        assertThat(memory.faults(memory.translateUser(0x7000_1000L, 1), 0, 1, true))
                .as("a part of a region")
                .isTrue();
        assertThat(memory.faults(MemorySegment.NULL, 0, 1, true))
                .as("memory of nobody")
                .isFalse();
    }

    @Test
    void shouldAskAboutSoManyPiecesAndNoMoreWhenMoreWouldFault() {
        MemorySegment first = memory.segment(0);
        file.truncate(0);
        MemoryProbe probe = new MemoryProbe(2);

        assertThat(probe.faults(memory, MemorySegment.NULL, 0, 1, true))
                .as("memory of nobody, for which nobody is asked")
                .isFalse();
        assertThat(probe.faults(memory, first, 0, 1, true)).isTrue();
        assertThat(probe.usedUp()).isFalse();
        assertThat(probe.faults(memory, first, 0, 1, true)).isTrue();
        assertThat(probe.usedUp()).isTrue();
        assertThat(probe.faults(memory, first, 0, 1, true)).as("a third").isFalse();
        assertThat(probe.asked()).isEqualTo(2);
    }
}
