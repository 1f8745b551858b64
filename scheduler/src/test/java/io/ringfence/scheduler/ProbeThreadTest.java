package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringfence.scheduler.SchedulingRefusedException.Rule;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class ProbeThreadTest {
    @ParameterizedTest
    @MethodSource("failures")
    void shouldThrowTheSameWhenItsAdmissionThrows(Throwable failure) {
        assertThatThrownBy(() -> new ProbeThread(_threadId -> rethrow(failure))).isSameAs(failure);
    }

    static Stream<Throwable> failures() {
        return Stream.of(
                new SchedulingRefusedException(Rule.CPUSET, "the partition is gone"),
                new IllegalStateException("the partition is closed"),
                new AssertionError("a fault"));
    }

    private static void rethrow(Throwable failure) {
        switch (failure) {
            case RuntimeException unchecked -> throw unchecked;
            case Error error -> throw error;
            default -> throw new IllegalArgumentException(failure);
        }
    }
}
