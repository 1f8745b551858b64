package io.ringfence.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationTest {
    @Test
    void shouldReadEveryKeyOfTheExample() throws ConfigurationException {
        Configuration configuration = Configuration.parse(Examples.resource("example.yaml"), "example.yaml");

        assertThat(configuration.host()).isEqualTo(new Host(List.of(2, 3), SchedulingRung.DEADLINE, CpuIdle.POLL));
        assertThat(configuration.networks())
                .containsExactly(
                        new Network("blue", 1500, Duration.ofMinutes(5), 64),
                        new Network("storage", 9000, Duration.ofMinutes(5), 64));
        assertThat(configuration.vms())
                .containsExactly(
                        new Vm(
                                "alice",
                                Path.of("/run/ringfence/alice.sock"),
                                Role.SERVER,
                                "blue",
                                Optional.of(new MacAddress(0x5254_0000_0001L)),
                                OptionalInt.of(2),
                                new ReservationSpec(60_000, 200_000),
                                Optional.of(new LimitSpec(
                                        OptionalLong.of(1_000_000),
                                        OptionalLong.of(2_000_000_000),
                                        OptionalInt.empty())),
                                4,
                                1,
                                true,
                                false),
                        new Vm(
                                "bob",
                                Path.of("/run/ringfence/bob.sock"),
                                Role.CLIENT,
                                "blue",
                                Optional.empty(),
                                OptionalInt.empty(),
                                new ReservationSpec(1_000_000, 4_000_000),
                                Optional.of(new LimitSpec(
                                        OptionalLong.empty(), OptionalLong.of(500_000_000), OptionalInt.of(32))),
                                4,
                                1,
                                true,
                                false),
                        new Vm(
                                "carol",
                                Path.of("/run/ringfence/carol.sock"),
                                Role.SERVER,
                                "storage",
                                Optional.empty(),
                                OptionalInt.empty(),
                                new GuaranteeSpec(50_000, 32, OptionalLong.of(1_000_000)),
                                Optional.empty(),
                                4,
                                1,
                                true,
                                false));
        assertThat(configuration.journal()).contains(new JournalSpec(Path.of("/var/lib/ringfence/journal"), 1 << 30));
    }

    @Test
    void shouldUseDefaultsWhenOptionalKeysAreMissing() throws ConfigurationException {
        Configuration configuration = Configuration.parse(Examples.MINIMAL, "minimal.yaml");

        assertThat(configuration.host().scheduling()).isEqualTo(SchedulingRung.DEADLINE);
        assertThat(configuration.host().idle()).isEqualTo(CpuIdle.POLL);
        assertThat(configuration.networks()).containsExactly(new Network("blue", 1500, Duration.ofMinutes(5), 64));
        assertThat(configuration.journal()).isEmpty();
        Vm alice = configuration.vms().getFirst();
        assertThat(alice.role()).isEqualTo(Role.SERVER);
        assertThat(alice.mac()).isEmpty();
        assertThat(alice.cpu()).isEmpty();
        assertThat(alice.limit()).isEmpty();
        assertThat(alice.queuePairs()).isEqualTo(4);
        assertThat(alice.workers()).isEqualTo(1);
        assertThat(alice.offloads()).isTrue();
    }

    @Test
    void shouldReadAGuaranteeWithoutALatencyBound() throws ConfigurationException {
        String text = Examples.minimalWith(
                "reservation: { runtime: 100us, period: 500us }", "guarantee: { rate: 1.5kpps, burst: 1 }");

        assertThat(Configuration.parse(text, "f.yaml").vms().getFirst().entitlement())
                .isEqualTo(new GuaranteeSpec(1_500, 1, OptionalLong.empty()));
    }

    @Test
    void shouldReportAllProblemsAtOnceInTheOrderOfTheFile() {
        String text = """
                host:
                  cpus: [1, 1]
                  sheduling: deadline
                networks:
                  - name: blue
                    mtu: 20
                vms:
                  - name: alice
                    socket: alice.sock
                    network: bleu
                    cpu: 3
                    reservation: { runtime: 500, period: 5us }
                """;

        ConfigurationException refusal = refusal(text);

        assertThat(String.valueOf(refusal.getMessage()).lines())
                .containsExactly(
                        "f.yaml:2:13: host.cpus[1]: found `1` again, after host.cpus[0];"
                                + " expected every element at most once; remove one of the two",
                        "f.yaml:3:3: host: found the unknown key `sheduling`; expected the keys `cpus`, `scheduling`, `idle`;"
                                + " did you mean `scheduling`?",
                        "f.yaml:6:10: networks[0].mtu: found the plain number `20`; expected an MTU in bytes: a whole"
                                + " number from 68 to 65535; raise it to 68 or more",
                        "f.yaml:9:13: vms[0].socket: found the text `alice.sock`, which is relative to an unknown"
                                + " directory; expected an absolute path of at most 107 bytes (the kernel's sun_path);"
                                + " write for example /run/ringfence/alice.sock",
                        "f.yaml:10:14: vms[0].network: found `bleu`; expected the name of one of the networks;"
                                + " did you mean `blue`?",
                        "f.yaml:11:10: vms[0].cpu: found CPU 3; expected one of host.cpus, which are [1];"
                                + " choose one of these, or add it to host.cpus",
                        "f.yaml:12:29: vms[0].reservation.runtime: found the plain number `500` without a unit;"
                                + " expected a duration in ns, us, ms or s, from 10us to 4194304us;"
                                + " write the unit after the number, such as 500us",
                        "f.yaml:12:42: vms[0].reservation.period: found the text `5us`;"
                                + " expected a duration in ns, us, ms or s, from 100us to 4194304us;"
                                + " raise it to 100us or more");
    }

    @Test
    void shouldLoadAFile(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("ringfence.yaml"), "\uFEFF" + Examples.MINIMAL);

        assertThat(Configuration.load(file)).isEqualTo(Configuration.parse(Examples.MINIMAL, "minimal.yaml"));
    }

    @Test
    void shouldNameTheFileWhenItCannotBeRead(@TempDir Path directory) {
        assertThatThrownBy(() -> Configuration.load(directory.resolve("absent.yaml")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("absent.yaml:1:1: found no such file");
        assertThatThrownBy(() -> Configuration.load(directory))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("found an unreadable file");
    }

    @Test
    void shouldNameThePositionWhenBytesAreNotUtf8(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("latin1.yaml");
        Files.write(file, "host:\n  # caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));

        assertThatThrownBy(() -> Configuration.load(file))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("latin1.yaml:2:8: found bytes that are not UTF-8");
    }

    @Test
    void shouldNotReadFilesWithoutEnd() {
        assertThatThrownBy(() -> Configuration.load(Path.of("/dev/zero")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("more than 1 MiB");
    }

    private static ConfigurationException refusal(String text) {
        return catchThrowableOfType(ConfigurationException.class, () -> Configuration.parse(text, "f.yaml"));
    }
}
