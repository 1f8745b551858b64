package io.ringfence.config.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestWordTest {
    private static final List<String> WORDS = List.of("runtime", "period", "name", "cpu", "cpus");

    @ParameterizedTest
    @CsvSource({"runtme,runtime", "rutnime,runtime", "Period,period", "cpuz,cpu", "nmae,name", "periode,period"})
    void shouldFindTheWordThatWasMeant(String typed, String meant) {
        assertThat(NearestWord.of(typed, WORDS)).contains(meant);
    }

    @ParameterizedTest
    @CsvSource({"deadline", "xyz", "''"})
    void shouldFindNothingWhenNothingIsNear(String typed) {
        assertThat(NearestWord.of(typed, WORDS)).isEmpty();
    }

    @Test
    void shouldNotCompareWhatIsFarTooLong() {
        assertThat(NearestWord.of("n".repeat(1_000_000), WORDS)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"abc,abc,0", "abc,acb,1", "abc,ab,1", "abc,xabc,1", "abc,axc,1", "kitten,sitting,3", "'',abc,3"})
    void shouldCountTypingErrors(String a, String b, int errors) {
        assertThat(NearestWord.distance(a, b)).isEqualTo(errors);
        assertThat(NearestWord.distance(b, a)).isEqualTo(errors);
    }
}
