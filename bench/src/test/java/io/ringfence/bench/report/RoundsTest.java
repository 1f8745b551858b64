package io.ringfence.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RoundsTest {
    @Test
    void shouldAlternateVariantsAndBeginEachRoundWithAnother() throws Exception {
        List<String> order = new ArrayList<>();
        List<Rounds.Variant<Integer>> variants = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            variants.add(new Rounds.Variant<>(name, () -> {
                order.add(name);
                return order.size();
            }));
        }
        List<String> told = new ArrayList<>();
        Map<String, List<Integer>> results =
                Rounds.alternate(variants, 2, (round, name, result) -> told.add(round + name + result));
        assertThat(order).containsExactly("a", "b", "c", "b", "c", "a");
        assertThat(results)
                .containsExactly(
                        Map.entry("a", List.of(1, 6)), Map.entry("b", List.of(2, 4)), Map.entry("c", List.of(3, 5)));
        assertThat(told).containsExactly("1a1", "1b2", "1c3", "2b4", "2c5", "2a6");
    }
}
