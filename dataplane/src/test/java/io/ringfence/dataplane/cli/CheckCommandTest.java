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
                .contains("alice blue 0 60us 200us 0.300".split(" "), "bob blue 0 400us 4ms 0.100".split(" "));
        assertThat(run.out()).containsPattern("(?m)^ +0  0\\.400  [01]\\.[0-9]{3}  alice bob$");
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
                .singleElement()
                .asString()
                .contains("CPU 0", "alice 0.750", "bob 0.500", "1.250", "move a VM to another CPU");
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

    private CommandLineRun check(String... lines) throws IOException {
        return CommandLineRun.of("check", "--config", CommandLineRun.file(folder, lines));
    }
}
