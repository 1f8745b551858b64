package io.ringfence.scheduler.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CpuListTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "0", "0-1", "0-3,7", "1,3,5-9,1023"})
    void shouldFormatWhatItParsed(String list) {
        assertThat(CpuList.format(CpuList.parse(list + "\n"))).isEqualTo(list);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "1-", "3-1", "1,,2", "-1"})
    void shouldRefuseWhatIsNoList(String text) {
        assertThatThrownBy(() -> CpuList.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "' is no CPU list such as 0-3,7");
    }
}
