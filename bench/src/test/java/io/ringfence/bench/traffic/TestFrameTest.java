package io.ringfence.bench.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringfence.bench.traffic.TestFrame.Finding;
import io.ringfence.config.MacAddress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TestFrameTest {
    private static final long OFFSET = 12;
    private static final int ADDRESSES_LENGTH = 12;

    private final MemorySegment memory = Arena.ofAuto().allocate(2048);

    @ParameterizedTest
    @ValueSource(ints = {60, 61, 63, 64, 127, 1514, 1518})
    void shouldNoticeEveryFlippedBitWhenAFrameHasAnyLength(int lengthBytes) {
        TestFrame.write(memory, OFFSET, lengthBytes, 7, 3, 12345, 987654321);
        assertThat(TestFrame.examine(memory, OFFSET, lengthBytes, 7)).isEqualTo(Finding.INTACT);
        for (int bit = ADDRESSES_LENGTH * Byte.SIZE; bit < lengthBytes * Byte.SIZE; bit++) {
            flip(bit);
            assertThat(TestFrame.examine(memory, OFFSET, lengthBytes, 7))
                    .as("bit %d", bit)
                    .isNotEqualTo(Finding.INTACT);
            flip(bit);
        }
    }

    private void flip(int bit) {
        long at = OFFSET + bit / Byte.SIZE;
        memory.set(
                ValueLayout.JAVA_BYTE, at, (byte) (memory.get(ValueLayout.JAVA_BYTE, at) ^ (1 << (bit % Byte.SIZE))));
    }

    @Test
    void shouldCallAFrameCorruptWhenItWasCutOrItsPayloadChanged() {
        TestFrame.write(memory, OFFSET, 128, 1, 0, 0, 0);
        assertThat(TestFrame.examine(memory, OFFSET, 120, 1)).isEqualTo(Finding.CORRUPT);
        flip(100 * Byte.SIZE);
        assertThat(TestFrame.examine(memory, OFFSET, 128, 1)).isEqualTo(Finding.CORRUPT);
    }

    @Test
    void shouldIgnoreAFrameWhenItIsOfAnotherRunOrNotOurs() {
        TestFrame.write(memory, OFFSET, 64, 1, 0, 0, 0);
        assertThat(TestFrame.examine(memory, OFFSET, 64, 2)).isEqualTo(Finding.FOREIGN);
        memory.fill((byte) 0);
        assertThat(TestFrame.examine(memory, OFFSET, 64, 1)).isEqualTo(Finding.FOREIGN);
    }

    @Test
    void shouldPutTheAddressesInWireOrder() {
        long destination =
                TestFrame.wireOrder(MacAddress.parse("52:54:00:00:00:0b").bits());
        long source = TestFrame.wireOrder(MacAddress.parse("02:aa:bb:cc:dd:ee").bits());
        TestFrame.address(memory, OFFSET, destination, source);
        assertThat(memory.asSlice(OFFSET, 12).toArray(ValueLayout.JAVA_BYTE))
                .containsExactly(0x52, 0x54, 0, 0, 0, 0x0b, 0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0xee);
    }

    @ParameterizedTest
    @ValueSource(ints = {59, 1519, -1})
    void shouldRefuseALengthThatNoFrameHas(int lengthBytes) {
        assertThatThrownBy(() -> TestFrame.requireLength(lengthBytes)).hasMessageContaining("expected 60 to 1518");
    }
}
