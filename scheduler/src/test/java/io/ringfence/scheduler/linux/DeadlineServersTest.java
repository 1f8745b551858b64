package io.ringfence.scheduler.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.scheduler.linux.DeadlineServers.Server;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DeadlineServersTest {
    private static final String FEATURES = "/sys/kernel/debug/sched/features";
    private static final Server DEFAULT = new Server("fair_server", 50_000_000, 1_000_000_000);

    private final Map<String, String> files = new HashMap<>();
    private final DeadlineServers servers = new DeadlineServers(path -> Optional.ofNullable(files.get(path)));

    @Test
    void shouldReadAllServersOfACpu() {
        files.put(FEATURES, "NO_HRTICK_DL\n");
        server("fair_server", 1, "50000000", "1000000000");
        server("ext_server", 1, "20000000", "500000000");
        server("fair_server", 0, "0", "1000000000");

        assertThat(servers.of(1))
                .hasValueSatisfying(found ->
                        assertThat(found).containsExactly(DEFAULT, new Server("ext_server", 20_000_000, 500_000_000)));
        assertThat(servers.of(0))
                .as("switched off")
                .hasValueSatisfying(
                        found -> assertThat(found).containsExactly(new Server("fair_server", 0, 1_000_000_000)));
    }

    @Test
    void shouldKnowThatAnOldKernelHasNone() {
        files.put(FEATURES, "\n");

        assertThat(servers.of(1)).hasValueSatisfying(found -> assertThat(found).isEmpty());
    }

    @Test
    void shouldSayThatNothingIsKnownWithoutDebugfs() {
        assertThat(servers.of(1)).isEmpty();

        files.put(FEATURES, "\n");
        server("fair_server", 1, "many", "1000000000");
        assertThat(servers.of(1)).as("not a number").isEmpty();
    }

    @Test
    void shouldAssumeAFairServerFromTheVersionOnThatBroughtIt() {
        assertThat(servers.defaults()).as("no release").containsExactly(DEFAULT);
        for (String without : new String[] {"6.11.9-generic\n", "5.15.0"}) {
            files.put("/proc/sys/kernel/osrelease", without);
            assertThat(servers.defaults()).as(without).isEmpty();
        }
        for (String with : new String[] {"6.12.0", "7.1.0-rc1", "unheard of"}) {
            files.put("/proc/sys/kernel/osrelease", with);
            assertThat(servers.defaults()).as(with).containsExactly(DEFAULT);
        }
    }

    private void server(String name, int cpu, String runtime, String period) {
        files.put(DeadlineServers.folder(name, cpu) + "/runtime", runtime + "\n");
        files.put(DeadlineServers.folder(name, cpu) + "/period", period + "\n");
    }
}
