package io.ringfence.bench.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SequenceCheckTest {
    private static final int FRAMES = 300_000;
    private static final int SPREAD = 1000;

    private final SequenceCheck check = new SequenceCheck();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void shouldCountAsASetDoesWhenFramesAreLostRepeatedAndReordered(long seed) {
        Random random = new Random(seed);
        Set<Long> seen = new HashSet<>();
        long highest = -1;
        long duplicates = 0;
        long reordered = 0;
        for (int i = 0; i < FRAMES; i++) {
            long sequence =
                    random.nextInt(10) > 0 ? highest + 1 : Math.max(0, highest - SPREAD / 2 + random.nextInt(SPREAD));
            check.arrived(sequence);
            if (!seen.add(sequence)) {
                duplicates++;
            } else if (sequence < highest) {
                reordered++;
            }
            highest = Math.max(highest, sequence);
        }
        assertThat(check.received.read()).isEqualTo(seen.size());
        assertThat(check.missing.read()).isEqualTo(highest + 1 - seen.size());
        assertThat(check.duplicates.read()).isEqualTo(duplicates).isPositive();
        assertThat(check.reordered.read()).isEqualTo(reordered).isPositive();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, SequenceCheck.WINDOW - 1, SequenceCheck.WINDOW, 10L * SequenceCheck.WINDOW})
    void shouldCountMissingFramesWhenAGapIsOfAnyLength(long gap) {
        check.arrived(0);
        check.arrived(gap + 1);
        check.arrived(gap + 1);
        assertThat(check.missing.read()).isEqualTo(gap);
        assertThat(check.received.read()).isEqualTo(2);
        assertThat(check.duplicates.read()).isEqualTo(1);
    }
}
