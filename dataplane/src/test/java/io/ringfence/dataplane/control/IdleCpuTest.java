package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.config.Configuration;
import io.ringfence.testing.Requirement;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code host.idle} makes of the dataplane CPU while Ringfence runs, by what the kernel says it is allowed. */
@RequiresDataplaneCpu
@Timeout(60)
class IdleCpuTest {
    private static final Path RESUME_LATENCY = Path.of("/sys/devices/system/cpu/cpu1/power/pm_qos_resume_latency_us");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"'', n/a", "'idle: poll,', n/a", "'idle: sleep,', 0"})
    void shouldKeepTheDataplaneCpuAwakeUnlessItMaySleep(String idle, String expected) throws Exception {
        Requirement.ofKernel(Files.exists(RESUME_LATENCY), "needs a kernel that lets a CPU be kept awake");
        assertThat(resumeLatency()).as("before").isEqualTo("0");
        String text = """
                host: { %s cpus: [1] }
                networks: [ { name: blue } ]
                vms: [ { name: a, socket: %s, network: blue, reservation: { runtime: 100us, period: 1ms } } ]
                """.formatted(idle, folder.resolve("a.sock"));

        try (Dataplane dataplane = Started.of(Configuration.parse(text, "test.yaml"), new RecordedEvents())) {
            assertThat(dataplane.rung()).isEqualTo("deadline");
            assertThat(resumeLatency()).as("while it runs").isEqualTo(expected);
        }

        assertThat(resumeLatency()).as("afterwards").isEqualTo("0");
    }

    private static String resumeLatency() throws Exception {
        return Files.readString(RESUME_LATENCY).strip();
    }
}
