package io.ringfence.bench.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

final class ThreadSwitchesTest {
    @Test
    void shouldCountWhenTheThreadWaits() {
        ThreadSwitches switches = new ThreadSwitches();
        long before = switches.count();
        for (int i = 0; i < 10; i++) {
            LockSupport.parkNanos(100_000);
        }
        assertThat(switches.count() - before).isBetween(10L, 10_000L);
    }
}
