package io.ringfence.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ringfence.config.Refusals.Refusal;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RefusalTest {
    @ParameterizedTest
    @MethodSource
    void shouldSayWhatIsWrongAndWhereOnce(Refusal refusal) {
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> Configuration.parse(refusal.text(), "f.yaml"))
                .satisfies(e -> assertThat(e.problems()).as(refusal.text()).hasSize(1))
                .withMessageContaining(refusal.problem())
                .withMessageStartingWith("f.yaml:");
    }

    static Stream<Refusal> shouldSayWhatIsWrongAndWhereOnce() {
        return Refusals.all();
    }

    @Test
    void shouldRefuseAVmWithReservationAndGuarantee() {
        String text = Examples.minimalWith(
                "name: alice", "name: alice\n    guarantee: { rate: 300kpps, burst: 64, latency: 500us }");

        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> Configuration.parse(text, "f.yaml"))
                .withMessageContaining("vms[0]: found a VM with more than one of `reservation`, `guarantee`");
    }

    @Test
    void shouldValidateWhatIsNotServedYet() {
        String text = Examples.MINIMAL + "admin: { metrics: nowhere }\njournal: { retain: 1GB }\n";

        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> Configuration.parse(text, "f.yaml"))
                .withMessageContaining("10:19: admin.metrics: found the text `nowhere`, which is not ADDRESS:PORT")
                .withMessageContaining("11:10: journal: found a journal section without the key `directory`")
                .withMessageContaining(
                        "11:20: journal.retain: found the text `1GB`; expected a size in B, KiB, MiB or GiB");
    }

    @Test
    void shouldAcceptTheSameAddressOnIsolatedNetworks() throws ConfigurationException {
        String text = Examples.minimalWith("name: alice", "name: alice\n    mac: 02:00:00:00:00:0a")
                .replace("- name: blue", "- name: blue\n  - name: green")
                .concat("""
                          - name: bob
                            socket: /run/bob.sock
                            network: green
                            mac: 02:00:00:00:00:0a
                            reservation: { runtime: 100us, period: 500us }
                        """);

        assertThat(Configuration.parse(text, "f.yaml").vms())
                .extracting(vm -> vm.mac().orElseThrow())
                .containsOnly(new MacAddress(0x0200_0000_000aL));
    }

    @Test
    void shouldNotBlameReferencesToWhatCouldNotBeRead() {
        String text = Examples.minimalWith("name: blue", "name: /blue/")
                .replace("[1]", "[\"1\"]")
                .replace("name: alice", "name: alice\n    cpu: 1");

        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> Configuration.parse(text, "f.yaml"))
                .satisfies(e -> assertThat(e.problems()).hasSize(2))
                .withMessageContaining("2:10: host.cpus[0]: found the text `1`")
                .withMessageContaining("4:11: networks[0].name: found the text `/blue/`");
    }

    @Test
    void shouldRefuseDeepNestingWithoutRunningOutOfStack() {
        String text = "host:\n  " + "[".repeat(100_000) + "]".repeat(100_000);

        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> Configuration.parse(text, "f.yaml"))
                .withMessageContaining("2:34: found more than 32 levels");
    }

    @Test
    void shouldRefuseAliasesThatWouldMultiply() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x]\n");
        for (int i = 1; i < 100; i++) {
            String alias = "*a" + (i - 1);
            bomb.append("a%d: &a%d [%s, %s, %s]\n".formatted(i, i, alias, alias, alias));
        }

        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> Configuration.parse(bomb.toString(), "f.yaml"))
                .withMessageContaining("2:10: a1[0]: found the alias `*a0`; expected neither anchors nor aliases");
    }

    @Test
    void shouldCapWhatIsPrintedWhenEverythingIsWrong() {
        String text = Examples.minimalWith("cpus: [1]", "cpus: [" + "x, ".repeat(200) + "1]");

        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> Configuration.parse(text, "f.yaml"))
                .satisfies(e -> assertThat(e.problems()).hasSize(200))
                .withMessageEndingWith("f.yaml: and 150 more problems");
    }
}
