package io.ringfence.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AwaitTest {
    @Test
    void shouldLookUntilTheConditionHolds() {
        AtomicInteger looks = new AtomicInteger();

        Await.until("three looks", () -> looks.incrementAndGet() == 3);
        Await.spinning("three more", () -> looks.incrementAndGet() == 6);

        assertThat(looks).hasValue(6);
    }

    @Test
    void shouldSayHowItStandsWhenTheTimeIsOver() {
        AtomicInteger looks = new AtomicInteger();

        assertThatThrownBy(() -> Await.within(Duration.ofMillis(5), () -> looks + " looks", () -> {
                    looks.incrementAndGet();
                    return false;
                }))
                .isInstanceOf(AssertionError.class)
                .satisfies(failure ->
                        assertThat(failure).hasMessageContainingAll("PT0.005S", looks + " looks", "AwaitTest"));
    }

    @Test
    void shouldGiveUpWhenInterrupted() {
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> Await.until("a miracle", () -> false)).hasMessageContaining("a miracle");
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void shouldFailWhenItCannotLook() {
        assertThatThrownBy(() -> Await.until("the file is there", () -> {
                    throw new IOException("no disk");
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("the file is there")
                .hasRootCauseMessage("no disk");
    }
}
