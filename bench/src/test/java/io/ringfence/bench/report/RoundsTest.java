package io.ringfence.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RoundsTest {
    @Test
    void shouldAlternateVariantsAndBeginEachRoundWithAnother() throws Exception {
        List<String> order = new ArrayList<>();
        List<String> told = new ArrayList<>();
        List<String> results = Rounds.alternate(
                List.of("a", "b", "c"),
                2,
                variant -> {
                    order.add(variant);
                    return order.size();
                },
                (round, variant, result) -> told.add(round + variant + result),
                (variant, all) -> variant + all);
        assertThat(order).containsExactly("a", "b", "c", "b", "c", "a");
        assertThat(results).containsExactly("a[1, 6]", "b[2, 4]", "c[3, 5]");
        assertThat(told).containsExactly("1a1", "1b2", "1c3", "2b4", "2c5", "2a6");
    }
}
