package io.ringfence.bench.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class GuestThreadTest {
    @Test
    void shouldDoOneThingAfterTheOther() {
        List<Integer> done = new ArrayList<>();
        try (GuestThread guests = new GuestThread()) {
            for (int i = 0; i < 100; i++) {
                int number = i;
                guests.begin(() -> done.add(number));
                guests.await();
                assertThat(done).hasSize(i + 1).last().isEqualTo(i);
            }
        }
    }

    @Test
    void shouldTellWhyTheGuestsFailedInsteadOfWaitingForThem() {
        try (GuestThread guests = new GuestThread()) {
            guests.begin(() -> {
                throw new IllegalStateException("of 3 frames 2 arrived");
            });
            assertThatIllegalStateException().isThrownBy(guests::await).withMessage("of 3 frames 2 arrived");
        }
    }
}
