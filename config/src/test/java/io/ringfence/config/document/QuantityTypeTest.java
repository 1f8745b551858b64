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
