package io.ringfence.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MacAddressTest {
    @Test
    void shouldKeepTheFirstOctetMostSignificant() {
        assertThat(MacAddress.parse("52:54:00:aB:cD:eF").bits()).isEqualTo(0x5254_00ab_cdefL);
        assertThat(new MacAddress(0x0200_0000_000aL)).hasToString("02:00:00:00:00:0a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "52:54:00:00:00", "52:54:00:00:00:00:00", "52-54-00-00-00-01", "5:4:0:0:0:1", "xx"})
    void shouldRefuseWhatIsNotSixOctets(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> MacAddress.parse(text));
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 1L << 48})
    void shouldRefuseMoreThan48Bits(long bits) {
        assertThatIllegalArgumentException().isThrownBy(() -> new MacAddress(bits));
    }
}
