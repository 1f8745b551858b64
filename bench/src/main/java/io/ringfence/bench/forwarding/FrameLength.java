package io.ringfence.bench.forwarding;

import io.ringfence.bench.traffic.LargeFrame;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a frame length: a number of bytes, or {@code tso} for TCP frames of 64 KiB that the guests leave to each other to be cut. */
final class FrameLength implements ITypeConverter<Integer> {
    private static final String LARGE = "tso";

    @Override
    public Integer convert(String word) {
        try {
            return word.equals(LARGE) ? LargeFrame.LENGTH_BYTES : Integer.parseInt(word);
        } catch (NumberFormatException e) {
            throw new TypeConversionException("'%s' is neither a number of bytes nor '%s'".formatted(word, LARGE));
        }
    }
}
