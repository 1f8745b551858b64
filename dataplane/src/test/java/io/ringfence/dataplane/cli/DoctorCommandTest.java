package io.ringfence.dataplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.cli.output.Ink;
import io.ringfence.dataplane.cli.report.DoctorReport;
import io.ringfence.dataplane.doctor.Finding;
import io.ringfence.dataplane.doctor.Finding.Level;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command on the host of the test, whatever that has to offer. */
class DoctorCommandTest {
    private static final List<String> LEVELS = List.of("ok", "warning", "error");
    private static final List<Finding> FINDINGS = List.of(
            new Finding("kernel", Level.OK, "Linux 6.18", ""),
            new Finding("rt runtime", Level.ERROR, "is 0", "sysctl -w x=1"),
            new Finding("SMT", Level.WARNING, "shared", "echo 0 > y"));

    @Test
    void shouldTellByItsExitCodeWhetherThereIsAnError() {
        CommandLineRun run = CommandLineRun.of("doctor");

        boolean error = run.out().lines().anyMatch(line -> line.startsWith("error "));
        assertThat(run.exitCode()).isEqualTo(error ? 3 : 0);
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .contains("kernel", "capabilities", "cpusets", "interrupts")
                .doesNotContain("\u001b");
        assertThat(run.out().lines())
                .as("each line is a finding, a remedy, or the summary")
                .allMatch(line -> line.isEmpty()
                        || line.startsWith("Ringfence ")
                        || line.strip().startsWith("fix: ")
                        || LEVELS.contains(line.split(" ", 2)[0]));
    }

    @Test
    void shouldTellProgramsTheSame() {
        CommandLineRun text = CommandLineRun.of("doctor");
        CommandLineRun run = CommandLineRun.of("doctor", "--json");

        JsonNode json = JsonMapper.shared().readTree(run.out());
        assertThat(run.exitCode()).isEqualTo(text.exitCode());
        assertThat(json.get("errors").asInt() > 0).isEqualTo(run.exitCode() == 3);
        assertThat(json.get("findings")).isNotEmpty().allSatisfy(finding -> {
            assertThat(finding.get("level").asString()).isIn(LEVELS);
            assertThat(text.out()).contains(finding.get("subject").asString());
        });
    }

    @Test
    void shouldLookAtTheCpusOfTheFile(@TempDir Path folder) throws IOException {
        String file = CommandLineRun.file(
                folder, "host: { cpus: [4000], scheduling: other }", "networks: [{ name: blue }]", "vms: []");
        CommandLineRun run = CommandLineRun.of("doctor", "--config", file);

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out()).contains("CPU 4000 of host.cpus not online");
    }

    @Test
    void shouldSayThatTheVmsFit(@TempDir Path folder) throws IOException {
        CommandLineRun run = doctor(folder, StoredCosts.in(folder), "guarantee: { rate: 5kpps, burst: 8 }");

        assertThat(run.out()).containsPattern("ok +admission +the reservations of all VMs fit");
    }

    @Test
    void shouldSayWhatSpeaksAgainstTheVms(@TempDir Path folder) throws IOException {
        Path none = folder.resolve("none.json");
        CommandLineRun tooMuch = doctor(folder, none, "reservation: { runtime: 999us, period: 1ms }");
        CommandLineRun unknown = doctor(folder, none, "guarantee: { rate: 5kpps, burst: 8 }");
        CommandLineRun impossible = doctor(folder, StoredCosts.in(folder), "guarantee: { rate: 90Mpps, burst: 8 }");

        assertThat(List.of(tooMuch, unknown, impossible))
                .extracting(CommandLineRun::exitCode)
                .containsOnly(3);
        assertThat(tooMuch.out())
                .containsPattern("error +admission +the VMs of CPU 0 need 0\\.999 of it")
                .containsPattern("fix: alice: `runtime: [0-9]+us` instead of `999us`");
        assertThat(unknown.out())
                .containsPattern(
                        "error +admission +the cost model .*none.json does not exist\n +fix: ringfence calibrate");
        assertThat(impossible.out()).containsPattern("error +admission +VM alice: no CPU of this host can keep");
    }

    private static CommandLineRun doctor(Path folder, Path costs, String entitlement) throws IOException {
        String file = CommandLineRun.file(
                folder,
                "host: { cpus: [0], scheduling: other }",
                "networks: [{ name: blue }]",
                "vms: [{ name: alice, socket: /run/a.sock, network: blue, " + entitlement + " }]");
        return CommandLineRun.of("doctor", "--cost-model", costs.toString(), "--config", file);
    }

    @Test
    void shouldExitWithTwoWhenTheFileIsWrong(@TempDir Path folder) throws IOException {
        CommandLineRun run = CommandLineRun.of("doctor", "--config", CommandLineRun.file(folder, "host: {}"));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void shouldColourTheLevelsOnATerminalOnly() {
        DoctorReport report = new DoctorReport(new BitSet(), FINDINGS);

        assertThat(report.text(Ink.PLAIN)).isEqualTo("""
                ok       kernel      Linux 6.18
                error    rt runtime  is 0
                                     fix: sysctl -w x=1
                warning  SMT         shared
                                     fix: echo 0 > y

                Ringfence does not run here as asked. Errors: 1, warnings: 1.
                """);
        assertThat(report.text(Ink.COLOURED))
                .contains(
                        "\u001b[32mok     \u001b[0m  kernel",
                        "\u001b[1;31merror  \u001b[0m",
                        "\u001b[33mwarning\u001b[0m");
    }

    /** As far as a test can see: what Ringfence itself would change, and the settings that remedies are about. */
    @Test
    void shouldChangeNothingOnTheHost() throws IOException {
        Map<String, String> before = settings();
        CommandLineRun.of("doctor");
        CommandLineRun.of("doctor", "--json");
        assertThat(settings()).isEqualTo(before);
    }

    private static Map<String, String> settings() throws IOException {
        Map<String, String> settings = new TreeMap<>();
        for (String path : List.of(
                "/proc/sys/kernel/sched_rt_period_us",
                "/proc/sys/vm/nr_hugepages",
                "/sys/kernel/mm/transparent_hugepage/enabled",
                "/sys/devices/system/cpu/online",
                "/sys/fs/cgroup/cgroup.subtree_control",
                "/proc/self/mountinfo")) {
            if (Files.isReadable(Path.of(path))) {
                try (Stream<String> lines = Files.lines(Path.of(path))) {
                    settings.put(path, String.join("\n", lines.toList()));
                }
            }
        }
        return settings;
    }
}
