package io.ringfence.config.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.config.document.YamlNode.Kind;
import io.ringfence.config.document.YamlNode.Scalar;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IntegerTypeTest {
    private static final IntegerType MTU = new IntegerType("an MTU in bytes", 68, 65_535);

    @ParameterizedTest
    @ValueSource(ints = {68, 1_500, 65_535})
    void shouldReadANumberWhenItIsWithinTheLimits(int number) {
        assertThat(MTU.read(integer(String.valueOf(number)), "mtu", new Problems()))
                .contains(number);
    }

    @ParameterizedTest
    @CsvSource({
        "65536,lower it to 65535 or less",
        "999999999,lower it to 65535 or less",
        "2147483648,lower it to 65535 or less",
        "99999999999999999999,lower it to 65535 or less",
        "67,raise it to 68 or more",
        "0,raise it to 68 or more",
        "-1,raise it to 68 or more",
        "-99999999999999999999,raise it to 68 or more"
    })
    void shouldSayWhichLimitAppliesWhenANumberIsOutOfRange(String text, String remedy) {
        assertThat(remedy(text)).isEqualTo(remedy);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0x5dc", "0o17", "0100", "+100", "-0"})
    void shouldAskForAPlainNumberWhenItIsWrittenOtherwise(String text) {
        assertThat(remedy(text)).isEqualTo("write it as a plain decimal number, such as 68");
    }

    private static String remedy(String text) {
        Problems problems = new Problems();
        assertThat(MTU.read(integer(text), "mtu", problems)).isEmpty();
        assertThat(problems.inDocumentOrder()).hasSize(1);
        return problems.inDocumentOrder().getFirst().remedy();
    }

    private static Scalar integer(String text) {
        return new Scalar(Mark.START, Kind.INTEGER, text);
    }
}
