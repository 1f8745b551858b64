package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CompilerThreadsTest {
    @Test
    void shouldCountWhatCompilersUse() throws Exception {
        CompilerThreads compilers = new CompilerThreads();
        long before = compilers.wantedNanos();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);

        Method work = CompilerThreadsTest.class.getDeclaredMethod("work", int.class);
        long counted = before;
        while (counted - before < 1_000_000 && System.nanoTime() - deadline < 0) {
            for (int i = 0; i < 100_000; i++) {
                work.invoke(null, i);
            }
            counted = compilers.wantedNanos();
        }

        assertThat(before).isPositive();
        assertThat(counted - before).isGreaterThanOrEqualTo(1_000_000);
    }

    @Test
    void shouldKnowBothCompilers() {
        assertThat(new CompilerThreads().count()).isGreaterThanOrEqualTo(2);
    }

    static int work(int seed) {
        int value = seed;
        for (int i = 0; i < 10; i++) {
            value = value * 31 + Integer.bitCount(value);
        }
        return value;
    }
}
