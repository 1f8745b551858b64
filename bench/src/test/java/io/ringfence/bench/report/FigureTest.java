package io.ringfence.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class FigureTest {
    private static Reading disturbed(double value) {
        return new Reading(value, List.of("the hypervisor took CPUs away for 30 ms"));
    }

    @Test
    void shouldTakeTheMedianOfCalmRoundsAndSayHowManyThereWere() {
        Figure figure =
                Figure.of(List.of(Reading.calm(7), disturbed(1), Reading.calm(9), Reading.calm(8), disturbed(100)));
        assertThat(figure).isEqualTo(new Figure(8, 7, 9, 5, 3));
        assertThat(figure.text(1)).isEqualTo("8.0 [7.0–9.0]");
    }

    @Test
    void shouldTakeAllRoundsWhenNoneWasCalm() {
        assertThat(Figure.of(List.of(disturbed(4), disturbed(2)))).isEqualTo(new Figure(3, 2, 4, 2, 0));
    }

    @Test
    void shouldRefuseAFigureOfNothing() {
        assertThatThrownBy(() -> Figure.of(List.of())).hasMessageContaining("expected at least one");
    }

    @Test
    void shouldDivideRoundByRoundSoThatDriftFallsOut() {
        List<Reading> slow = List.of(Reading.calm(1), Reading.calm(2), Reading.calm(4));
        List<Reading> fast = List.of(Reading.calm(2), disturbed(4), Reading.calm(8));
        assertThat(Figure.ratio(fast, slow)).isEqualTo(new Figure(2, 2, 2, 3, 2));
        assertThatThrownBy(() -> Figure.ratio(fast, slow.subList(0, 2))).hasMessageContaining("3 rounds to 2");
    }
}
