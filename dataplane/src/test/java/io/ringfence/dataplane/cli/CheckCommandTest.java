package io.ringfence.dataplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckCommandTest {
    @TempDir
    private Path folder;

    @Test
    void shouldShowThePlanWhenTheFileIsValid() throws IOException {
        CommandLineRun run = check(
                "host: { cpus: [0] }",
                "networks: [{ name: blue }]",
                "vms:",
                "  - { name: alice, socket: /run/a.sock, network: blue, reservation: { runtime: 60us, period: 200us } }",
                "  - { name: bob, socket: /run/b.sock, network: blue, reservation: { runtime: 400us, period: 4ms } }");

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out().lines().map(line -> line.split(" +")))
                .contains(
                        "alice blue - 0 60us 200us 0.300 420us".split(" "),
                        "bob blue - 0 400us 4ms 0.100 8020us".split(" "));
        assertThat(run.out()).containsPattern("(?m)^ +0  0\\.400  [01]\\.[0-9]{3}  0\\.[0-9]{3}  alice bob$");
    }

    @Test
    void shouldShowWhatAGuaranteeComesTo() throws IOException {
        CommandLineRun run = checkWithCosts(
                "host: { cpus: [0] }",
                "networks: [{ name: blue }]",
                "vms:",
                "  - { name: alice, socket: /run/a.sock, network: blue,",
                "      guarantee: { rate: 100kpps, burst: 32, latency: 500us } }",
                "  - { name: bob, socket: /run/b.sock, network: blue, guarantee: { rate: 5kpps, burst: 8 } }");

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .containsPattern("(?m)^alice +blue +100kpps, 32, 500us +0 +[0-9]+us +125us +0\\.[0-9]{3} +4[0-9]{2}us$")
                .containsPattern("(?m)^bob +blue +5kpps, 8 +0 +[0-9]+us +4ms +0\\.[0-9]{3} +[0-9]+us$");
    }

    @Test
    void shouldShowTheReservationOfEachWorker() throws IOException {
        CommandLineRun run = check(
                "host: { cpus: [0] }",
                "networks: [{ name: blue }]",
                "vms:",
                "  - { name: alice, socket: /run/a.sock, network: blue, workers: 2,"
                        + " reservation: { runtime: 150us, period: 1ms } }");

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .containsPattern("(?m)^alice/0 +blue +- +0 +150us +1ms +0\\.150 ")
                .containsPattern("(?m)^alice/1 +blue +- +0 +150us +1ms +0\\.150 ")
                .containsPattern("(?m)^ +0 +0\\.300 .*alice/0 alice/1$");
    }

    @Test
    void shouldRefuseAGuaranteeWhereNothingIsKnownAboutCosts() throws IOException {
        String[] file = {
            "host: { cpus: [0] }",
            "networks: [{ name: blue }]",
            "vms:",
            "  - { name: bob, socket: /run/b.sock, network: blue, guarantee: { rate: 5kpps, burst: 8 } }"
        };
        Path none = folder.resolve("none.json");

        CommandLineRun run = CommandLineRun.of(
                "check", "--cost-model", none.toString(), "--config", CommandLineRun.file(folder, file));

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains(none.toString(), "does not exist", "`ringfence calibrate`");
    }

    @Test
    void shouldRefuseAGuaranteeThatNoCpuCanKeep() throws IOException {
        CommandLineRun run = checkWithCosts(
                "host: { cpus: [0] }",
                "networks: [{ name: blue }]",
                "vms:",
                "  - { name: bob, socket: /run/b.sock, network: blue, guarantee: { rate: 90Mpps, burst: 8 } }");

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains("VM bob", "the rate takes 6", "`rate: ");
    }

    @Test
    void shouldNameVmsSumAndRemedyWhenOvercommitted() throws IOException {
        CommandLineRun run = check(
                "host: { cpus: [0] }",
                "networks: [{ name: blue }]",
                "vms:",
                "  - { name: alice, socket: /run/a.sock, network: blue, reservation: { runtime: 150us, period: 200us } }",
                "  - { name: bob, socket: /run/b.sock, network: blue, reservation: { runtime: 2ms, period: 4ms } }");

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err().lines())
                .hasSize(3)
                .anySatisfy(line -> assertThat(line).contains("CPU 0", "alice 0.750", "bob 0.500", "1.250"))
                .anySatisfy(line -> assertThat(line).matches("  alice: `runtime: [0-9]+us` instead of `150us`"))
                .anySatisfy(line -> assertThat(line).matches("  bob: `runtime: [0-9]+us` instead of `2ms`"));
        assertThat(run.out()).as("the plan helps to find what to change").contains("alice");
    }

    @Test
    void shouldRefuseWhenACpuIsNotThere() throws IOException {
        CommandLineRun run = check("host: { cpus: [8191] }", "networks: [{ name: blue }]", "vms: []");

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains("CPU 8191", "not online");
    }

    @Test
    void shouldReportEveryProblemWithItsPlaceWhenTheFileIsWrong() throws IOException {
        String file = CommandLineRun.file(
                folder,
                "host: { cpus: [0] }",
                "networks: [{ name: blue }]",
                "vms:",
                "  - { name: alice, socket: a.sock, network: blue, reservation: { runtime: 60, period: 200us } }");

        CommandLineRun run = CommandLineRun.of("check", "--config", file);

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines())
                .hasSize(2)
                .allSatisfy(line -> assertThat(line).startsWith(file + ":4:"));
    }

    private CommandLineRun checkWithCosts(String... lines) throws IOException {
        Path costs = StoredCosts.in(folder);
        return CommandLineRun.of(
                "check", "--cost-model", costs.toString(), "--config", CommandLineRun.file(folder, lines));
    }

    private CommandLineRun check(String... lines) throws IOException {
        return CommandLineRun.of("check", "--config", CommandLineRun.file(folder, lines));
    }
}
