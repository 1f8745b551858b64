package io.ringfence.bench.micro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringfence.bench.GuestMemories;
import io.ringfence.vhostuser.frontend.SharedMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What cannot be built leaves no memory behind. */
final class HalfBuiltTest {
    private long before;

    @BeforeEach
    void count() throws IOException {
        before = GuestMemories.count();
    }

    @AfterEach
    void shouldLeaveNoMemoryBehind() throws IOException {
        assertThat(GuestMemories.count()).isEqualTo(before);
    }

    @Test
    void shouldFreeTheMemoryWhenARingCannotBeBuilt() {
        assertThatExceptionOfType(ArithmeticException.class).isThrownBy(() -> new BareRing(0));
    }

    @Test
    void shouldCloseTheDescriptorWhenARegionCannotBeMapped() {
        try (SharedMemory memory = SharedMemory.create(4096)) {
            assertThatExceptionOfType(UncheckedIOException.class)
                    .isThrownBy(() -> BareRing.region(memory, 0, 8192))
                    .withMessageContaining("beyond the file");
        }
    }

    @Test
    void shouldFreeTheReceiverWhenTheSenderCannotBeBuilt() {
        assertThatThrownBy(() -> new TwoGuests(TwoGuests.PLAIN.withPolling(), 0, 0) {})
                .hasMessageContaining("must not be polled");
    }
}
