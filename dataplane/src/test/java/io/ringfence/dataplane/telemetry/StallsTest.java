package io.ringfence.dataplane.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import org.agrona.concurrent.status.AtomicCounter;
import org.junit.jupiter.api.Test;

class StallsTest {
    private final AtomicCounter[] counters = Counters.ofProcess();
    private final Tally tally = new Tally(counters);
    private final Stalls stalls = new Stalls(tally);

    private long counted(Counter counter) {
        tally.flush();
        return counters[counter.index()].get();
    }

    @Test
    void shouldCountNothingWhenTheGapIsShorterThanABatchMayBe() {
        stalls.gap(-5);
        stalls.gap(0);
        stalls.gap(Stalls.SHORTEST_NANOS - 1);
        assertThat(Stalls.HISTOGRAM)
                .allSatisfy(bucket -> assertThat(counted(bucket)).isZero());
        assertThat(counted(Counter.STALLED_NANOS)).isZero();
    }

    @Test
    void shouldCountEachStallInTheBucketOfItsLength() {
        for (int i = 0; i < Stalls.HISTOGRAM.size(); i++) {
            long from = Stalls.SHORTEST_NANOS << i;
            long before = counted(Counter.STALLED_NANOS);
            stalls.gap(from);
            stalls.gap(2 * from - 1);
            assertThat(counted(Stalls.HISTOGRAM.get(i)))
                    .as("stalls of " + from + " ns to twice that")
                    .isEqualTo(2);
            assertThat(counted(Counter.STALLED_NANOS) - before).isEqualTo(3 * from - 1);
        }
    }

    @Test
    void shouldCountStallsWithoutLimitInTheLastBucket() {
        stalls.gap(Long.MAX_VALUE);
        assertThat(counted(Counter.STALLS_FROM_268_MS)).isEqualTo(1);
    }

    @Test
    void shouldNameEachBucketByItsShortestStall() {
        for (int i = 0; i < Stalls.HISTOGRAM.size(); i++) {
            double micros = (Stalls.SHORTEST_NANOS << i) / 1e3;
            String length = micros < 1_000 ? Math.round(micros) + "us" : Math.round(micros / 1e3) + "ms";
            assertThat(Stalls.HISTOGRAM.get(i).label()).isEqualTo("stalls-" + length);
        }
    }
}
