package io.ringfence.bench.claiming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ringfence.bench.GuestMemories;
import io.ringfence.bench.claiming.PlayedGuest.Receiving;
import io.ringfence.bench.claiming.PlayedGuest.Transmitting;
import io.ringfence.vhostuser.frontend.QueueOptions;
import java.io.IOException;
import org.junit.jupiter.api.Test;

final class PlayedGuestTest {
    /** No size of a split queue. */
    private static final QueueOptions UNEVEN = QueueOptions.ofSize(3);

    @Test
    void shouldLeaveNoMemoryBehindWhenItsQueueCannotBeMade() throws IOException {
        long before = GuestMemories.count();
        assertThatIllegalArgumentException().isThrownBy(() -> new Receiving(UNEVEN));
        assertThatIllegalArgumentException().isThrownBy(() -> new Transmitting(UNEVEN));
        assertThat(GuestMemories.count()).isEqualTo(before);
    }
}
