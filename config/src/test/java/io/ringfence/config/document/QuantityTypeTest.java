package io.ringfence.config.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.config.document.YamlNode.Kind;
import io.ringfence.config.document.YamlNode.Scalar;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantityTypeTest {
    private static final QuantityType DURATION = type(Unit.DURATION);
    private static final QuantityType LIMITED = new QuantityType("a duration", Unit.DURATION, 10_000, 10_000_000_000L);
    private static final QuantityType SIZE = new QuantityType("a size", Unit.SIZE, 16 << 20, 1L << 50);
    private static final QuantityType RATE = new QuantityType("a rate", Unit.PACKET_RATE, 1, 1_000_000_000);

    @ParameterizedTest
    @CsvSource({"0ns,0", "1ns,1", "2.5ms,2500000", "1.50us,1500", "300s,300000000000", "007us,7000"})
    void shouldCountNanoseconds(String text, long nanos) {
        assertThat(read(DURATION, text)).isEqualTo(nanos);
    }

    @Test
    void shouldCountEveryUnit() {
        assertThat(read(type(Unit.PACKET_RATE), "300kpps")).isEqualTo(300_000);
        assertThat(read(type(Unit.PACKET_RATE), "1.5Mpps")).isEqualTo(1_500_000);
        assertThat(read(type(Unit.BANDWIDTH), "2Gbps")).isEqualTo(2_000_000_000);
        assertThat(read(type(Unit.BANDWIDTH), "2.5Mbps")).isEqualTo(2_500_000);
        assertThat(read(type(Unit.SIZE), "1GiB")).isEqualTo(1 << 30);
        assertThat(read(type(Unit.SIZE), "0.5KiB")).isEqualTo(512);
    }

    @Test
    void shouldReadWhatItWrites() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(42);
        for (List<Unit> units : List.of(Unit.DURATION, Unit.PACKET_RATE, Unit.BANDWIDTH, Unit.SIZE)) {
            QuantityType type = type(units);
            for (int i = 0; i < 1_000; i++) {
                long count = random.nextLong(1L << random.nextInt(1, 60))
                        / units.get(random.nextInt(units.size())).factor()
                        * units.get(random.nextInt(units.size())).factor()
                        % 1_000_000_000_000_000_000L;
                long positive = Math.abs(count);
                assertThat(read(type, type.written(positive)))
                        .as(type.written(positive))
                        .isEqualTo(positive);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"100\u00b5s,100us", "100\u03bcs,100us", "500US,500us", "500 us,500us", "2S,2s"})
    void shouldSuggestTheDurationWhenItsUnitIsWrittenOtherwise(String text, String meant) {
        assertThat(remedy(LIMITED, text)).isEqualTo("did you mean " + meant + "?");
    }

    @ParameterizedTest
    @CsvSource({"1GB,1GiB", "1g,1GiB", "16M,16MiB", "16mb,16MiB", "65536K,65536KiB", "65536kB,65536KiB", "1gib,1GiB"})
    void shouldSuggestTheSizeWhenItsUnitIsWrittenOtherwise(String text, String meant) {
        assertThat(remedy(SIZE, text)).isEqualTo("did you mean " + meant + "?");
    }

    @ParameterizedTest
    @CsvSource({"5m", "5h", "5M", "500usec", "500u", "5US", "9\u00b5s", "20S", "10000.5NS"})
    void shouldOnlyNameTheUnitsWhenNoneThatIsMeantFits(String text) {
        assertThat(remedy(LIMITED, text)).isEqualTo("write one of these units right after the number");
    }

    @ParameterizedTest
    @CsvSource({"1KB", "15M", "16T", "16Mbps"})
    void shouldOnlyNameTheUnitsWhenNoSizeThatIsMeantFits(String text) {
        assertThat(remedy(SIZE, text)).isEqualTo("write one of these units right after the number");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "1_000pps,1000pps",
                "1_000_000 pps,1000000pps",
                "1'000pps,1000pps",
                "1 000pps,1000pps",
                "1_000KPPS,1000kpps",
                "\"1,5Mpps\",1pps",
                "1e3pps,1pps",
                "0x10pps,1pps",
                "9_000_000_000Mpps,1pps"
            })
    void shouldAskForPlainDigitsWhenTheUnitIsThereAndTheNumberIsNone(String text, String example) {
        assertThat(remedy(RATE, text)).isEqualTo("write the number in plain digits, such as " + example);
    }

    @ParameterizedTest
    @CsvSource({"1234567890123456789pps", "1.1234567890pps"})
    void shouldAskForFewerDigitsWhenThereAreMoreThanCanBeRead(String text) {
        assertThat(remedy(RATE, text)).isEqualTo("use fewer digits");
    }

    @Test
    void shouldProposeAUnitOfWhichTheCountIsWholeWhenItIsMissing() {
        assertThat(remedy(RATE, Kind.DECIMAL, "1.5")).isEqualTo("write the unit after the number, such as 1.5kpps");
    }

    @ParameterizedTest
    @CsvSource({"INTEGER,-5", "DECIMAL,1e6", "INTEGER,0", "DECIMAL,0.000001", "INTEGER,99999999999"})
    void shouldGiveAnExampleWithinTheLimitsWhenNoUnitBringsTheNumberThere(Kind kind, String number) {
        assertThat(remedy(LIMITED, kind, number)).isEqualTo("write the unit after the number, such as 10us");
        assertThat(read(LIMITED, "10us")).isEqualTo(10_000);
    }

    private static String remedy(QuantityType type, String text) {
        return remedy(type, Kind.TEXT, text);
    }

    private static String remedy(QuantityType type, Kind kind, String text) {
        Problems problems = new Problems();
        assertThat(type.read(new Scalar(Mark.START, kind, text), "", problems)).isEmpty();
        assertThat(problems.inDocumentOrder()).hasSize(1);
        return problems.inDocumentOrder().getFirst().remedy();
    }

    private static QuantityType type(List<Unit> units) {
        return new QuantityType("a quantity", units, 0, Long.MAX_VALUE);
    }

    private static long read(QuantityType type, String text) {
        Problems problems = new Problems();
        long count =
                type.read(new Scalar(Mark.START, Kind.TEXT, text), "", problems).orElse(-1L);
        assertThat(problems.inDocumentOrder()).isEmpty();
        return count;
    }
}
