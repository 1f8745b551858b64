package io.ringfence.dataplane.cli.systemd;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.EventLog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ServiceManagerTest {
    @TempDir
    private Path folder;

    private final List<String> warnings = new ArrayList<>();
    private final EventLog log = new EventLog() {
        @Override
        public void event(String vm, String what) {
            throw new AssertionError(what);
        }

        @Override
        public void warning(String vm, String what) {
            warnings.add(vm + ": " + what);
        }
    };

    @Test
    void shouldTellEachChangeInADatagramAndNothingAfterTheStop() {
        String name = folder.resolve("notify").toString();
        try (NotifySocket socket = new NotifySocket(name)) {
            ServiceManager manager = ServiceManager.of(name, log);
            manager.ready("2 VMs on CPUs [1]\nscheduling deadline");
            assertThat(socket.nextMessage()).isEqualTo("READY=1\nSTATUS=2 VMs on CPUs [1] scheduling deadline");

            long beforeMicros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime());
            manager.reloading();
            String reloading = socket.nextMessage();
            assertThat(reloading).startsWith("RELOADING=1\nMONOTONIC_USEC=");
            assertThat(Long.parseLong(reloading.substring(reloading.lastIndexOf('=') + 1)))
                    .isBetween(beforeMicros, TimeUnit.NANOSECONDS.toMicros(System.nanoTime()));

            manager.stopping();
            assertThat(socket.nextMessage()).isEqualTo("STOPPING=1\nSTATUS=stopping");
            manager.ready("a reload that went on meanwhile");
            assertThat(socket.isEmpty()).isTrue();
        }
        assertThat(warnings).isEmpty();
    }

    @Test
    void shouldTellASocketInTheAbstractNamespace() {
        String name = "@ringfence-test-" + ProcessHandle.current().pid();
        try (NotifySocket socket = new NotifySocket(name)) {
            ServiceManager.of(name, log).ready("up");
            assertThat(socket.nextMessage()).isEqualTo("READY=1\nSTATUS=up");
        }
        assertThat(warnings).isEmpty();
    }

    @Test
    void shouldWarnAndGoOnWhenNobodyIsThere() {
        ServiceManager.of(folder.resolve("none").toString(), log).ready("up");
        ServiceManager.of("vsock:2:1", log).ready("up");
        ServiceManager.of("/" + "x".repeat(200), log).ready("up");
        assertThat(warnings)
                .hasSize(3)
                .allSatisfy(warning ->
                        assertThat(warning).startsWith("host: the service manager cannot be told: NOTIFY_SOCKET `"));
        assertThat(warnings.getFirst()).contains("error 2");
        assertThat(warnings.get(1)).contains("expected a path, or @ and a name");
        assertThat(warnings.getLast()).contains("less than 108 bytes");
    }

    @Test
    void shouldWarnInsteadOfWaitingWhenNobodyReads() {
        String name = folder.resolve("full").toString();
        try (NotifySocket unread = new NotifySocket(name)) {
            ServiceManager manager = ServiceManager.of(name, log);
            for (int i = 0; warnings.isEmpty() && i < 100_000; i++) {
                manager.ready("up");
            }
            assertThat(warnings).singleElement().asString().contains("error 11");
            assertThat(unread.nextMessage()).isEqualTo("READY=1\nSTATUS=up");
        }
    }

    @Test
    void shouldTellNobodyWithoutAServiceManager() {
        ServiceManager.of(null, log).ready("up");
        ServiceManager.of("", log).stopping();
        assertThat(warnings).isEmpty();
    }
}
