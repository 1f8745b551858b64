package io.ringfence.config;

import io.ringfence.config.document.QuantityType;
import io.ringfence.config.document.TextType;
import io.ringfence.config.document.TextType.Rule;
import io.ringfence.config.document.Unit;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** The kinds of single values in the configuration file. */
final class ValueTypes {
    private static final String NAME_EXPECTED =
            "a name of 1 to 63 letters, digits, `.`, `_` and `-` that starts with a letter or digit";

    static final TextType<String> NAME = new TextType<>(
            NAME_EXPECTED,
            "blue",
            List.of(
                    Rule.of("[A-Za-z0-9._-]+", "which has other characters"),
                    Rule.of("[A-Za-z0-9].*", "which starts with a sign"),
                    Rule.of(".{0,63}", "which is too long")),
            text -> text);

    /** Events and counters say {@code host} of Ringfence itself where otherwise a VM's name stands. */
    static final TextType<String> VM_NAME = new TextType<>(
            NAME_EXPECTED + ", other than `host`",
            "alice",
            Stream.concat(
                            NAME.rules().stream(),
                            Stream.of(Rule.of(
                                    "(?!host$).*",
                                    "which is reserved: events and counters of Ringfence itself are under this name")))
                    .toList(),
            text -> text);

    static final TextType<MacAddress> MAC = new TextType<>(
            "the Ethernet address of one station",
            "\"52:54:00:00:00:01\"",
            List.of(
                    Rule.of("[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}", "which is not six hexadecimal octets with colons"),
                    Rule.of(".[02468ACEace].*", "which is a multicast or the broadcast address"),
                    Rule.of("(?!00:00:00:00:00:00).*", "which is all zero")),
            MacAddress::parse);

    /** Printable ASCII, so that bytes are characters and the path survives every locale, shell and QEMU option. */
    private static final Rule PRINTABLE = Rule.of("[ -~]+", "which has characters outside printable ASCII");

    /** The working directory of a service is not what its operator expects. */
    private static final Rule ABSOLUTE = Rule.of("/.*", "which is relative to an unknown directory");

    static final TextType<Path> SOCKET = new TextType<>(
            "an absolute path of at most 107 bytes (the kernel's sun_path)",
            "/run/ringfence/alice.sock",
            List.of(
                    PRINTABLE,
                    ABSOLUTE,
                    Rule.of(".*[^/]", "which is a directory"),
                    Rule.of(".{0,107}", "which is longer than 107 bytes")),
            text -> Path.of(text).normalize());

    static final TextType<Path> DIRECTORY = new TextType<>(
            "the absolute path of a directory",
            "/var/lib/ringfence/journal",
            List.of(PRINTABLE, ABSOLUTE),
            text -> Path.of(text).normalize());

    static final TextType<String> ENDPOINT = new TextType<>(
            "an address and a port",
            "127.0.0.1:9464",
            List.of(Rule.of("(?:[0-9A-Za-z.-]+|\\[[0-9A-Fa-f:.]+\\]):[0-9]{1,5}", "which is not ADDRESS:PORT")),
            text -> text);

    static final QuantityType PACKET_RATE = new QuantityType("a packet rate", Unit.PACKET_RATE, 1, 1_000_000_000);
    static final QuantityType BANDWIDTH = new QuantityType("a bandwidth", Unit.BANDWIDTH, 1_000, 1_000_000_000_000L);
    static final QuantityType SIZE = new QuantityType("a size", Unit.SIZE, 16L << 20, 1L << 50);

    private ValueTypes() {}

    static QuantityType duration(Duration min, Duration max) {
        return new QuantityType("a duration", Unit.DURATION, min.toNanos(), max.toNanos());
    }
}
