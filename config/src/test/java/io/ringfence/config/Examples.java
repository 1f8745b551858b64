package io.ringfence.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Documents that several tests start from. */
final class Examples {
    /** One VM on one network, with nothing that may be left out. */
    static final String MINIMAL = """
            host:
              cpus: [1]
            networks:
              - name: blue
            vms:
              - name: alice
                socket: /run/alice.sock
                network: blue
                reservation: { runtime: 100us, period: 500us }
            """;

    private Examples() {}

    /** Returns the text of a resource of this package. */
    static String resource(String name) {
        try (InputStream stream = Objects.requireNonNull(Examples.class.getResourceAsStream(name), name)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the minimal document with {@code target}, which must be in it once, replaced. */
    static String minimalWith(String target, String replacement) {
        int at = MINIMAL.indexOf(target);
        if (at < 0 || MINIMAL.indexOf(target, at + 1) >= 0) {
            throw new IllegalArgumentException("not there exactly once: target=" + target);
        }
        return MINIMAL.replace(target, replacement);
    }
}
