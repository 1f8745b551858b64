package io.ringfence.config;

import io.ringfence.config.document.Mark;
import io.ringfence.config.document.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Brings the bytes of a configuration file into memory as text. */
final class ConfigurationText {
    /** Thousands of VMs fit; a wrong path (a disk image, /dev/zero) does not. */
    static final int LENGTH_MAX_BYTES = 1 << 20;

    private ConfigurationText() {}

    static String read(Path file) throws ConfigurationException {
        try (InputStream stream = Files.newInputStream(file)) {
            byte[] bytes = stream.readNBytes(LENGTH_MAX_BYTES + 1);
            if (bytes.length > LENGTH_MAX_BYTES) {
                throw refused(file, Mark.START, "more than 1 MiB", "give the path of a configuration file");
            }
            return decode(file, bytes);
        } catch (NoSuchFileException e) {
            throw refused(file, Mark.START, "no such file", "check the path");
        } catch (IOException e) {
            throw refused(file, Mark.START, "an unreadable file (" + e + ")", "check the path and its permissions");
        }
    }

    private static String decode(Path file, byte[] bytes) throws ConfigurationException {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        CharBuffer text = CharBuffer.allocate(bytes.length);
        CoderResult result = decoder.decode(ByteBuffer.wrap(bytes), text, true);
        String decoded = text.flip().toString();
        if (result.isError()) {
            throw refused(file, Mark.endOf(decoded), "bytes that are not UTF-8", "save the file as UTF-8");
        }
        return decoded;
    }

    private static ConfigurationException refused(Path file, Mark mark, String found, String remedy) {
        Problem problem = new Problem(mark, "", found, "a YAML file in UTF-8 of at most 1 MiB", remedy);
        return new ConfigurationException(file.toString(), List.of(problem));
    }
}
