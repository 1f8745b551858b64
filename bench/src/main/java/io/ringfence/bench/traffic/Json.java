package io.ringfence.bench.traffic;

import io.ringfence.config.MacAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import org.HdrHistogram.Histogram;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.ToStringSerializer;

/** How plans, reports and results are written: JSON, plans and reports each in one line; histograms in HdrHistogram's compressed form and base64. */
public final class Json {
    /** Reads and writes all of them; may be used by any thread. */
    public static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .addModule(new SimpleModule()
                    .addSerializer(MacAddress.class, ToStringSerializer.instance)
                    .addDeserializer(MacAddress.class, new MacAddressReader())
                    .addSerializer(Histogram.class, new HistogramWriter())
                    .addDeserializer(Histogram.class, new HistogramReader()))
            .build();

    private Json() {}

    private static final class MacAddressReader extends ValueDeserializer<MacAddress> {
        @Override
        public MacAddress deserialize(JsonParser parser, DeserializationContext context) {
            return MacAddress.parse(parser.getString());
        }
    }

    private static final class HistogramWriter extends ValueSerializer<Histogram> {
        @Override
        public void serialize(Histogram histogram, JsonGenerator out, SerializationContext context) {
            ByteBuffer bytes = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
            int length = histogram.encodeIntoCompressedByteBuffer(bytes, Deflater.BEST_SPEED);
            out.writeString(Base64.getEncoder().encodeToString(Arrays.copyOf(bytes.array(), length)));
        }
    }

    private static final class HistogramReader extends ValueDeserializer<Histogram> {
        @Override
        public Histogram deserialize(JsonParser parser, DeserializationContext context) {
            ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(parser.getString()));
            try {
                return Histogram.decodeFromCompressedByteBuffer(bytes, 0);
            } catch (DataFormatException e) {
                throw new IllegalArgumentException("not a compressed histogram", e);
            }
        }
    }
}
