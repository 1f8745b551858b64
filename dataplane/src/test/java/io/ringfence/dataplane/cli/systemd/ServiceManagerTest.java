package io.ringfence.dataplane.cli.systemd;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.EventLog;
import io.ringfence.testing.Await;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ServiceManagerTest {
    @TempDir
    private Path folder;

    private final List<String> warnings = new CopyOnWriteArrayList<>();
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
            fill(ServiceManager.of(name, log));
            assertThat(warnings).singleElement().asString().contains("error 11");
            assertThat(unread.nextMessage()).startsWith("RELOADING=1");
        }
    }

    /** Until there is no room for another message. */
    private void fill(ServiceManager manager) {
        for (int i = 0; warnings.isEmpty() && i < 100_000; i++) {
            manager.reloading();
        }
    }

    @Test
    void shouldTellThatItIsReadyWhenTheServiceManagerReadsLater() throws Exception {
        String name = folder.resolve("busy").toString();
        try (NotifySocket socket = new NotifySocket(name)) {
            ServiceManager manager = ServiceManager.of(name, log);
            fill(manager);
            Thread ready = waiting(manager);
            Await.spinning("it was told", () -> socket.nextMessage().equals("READY=1\nSTATUS=up"));
            ready.join();
        }
        assertThat(warnings).hasSize(1);
    }

    /** Until the first attempt has failed. */
    private static Thread waiting(ServiceManager manager) {
        Thread ready = Thread.ofPlatform().start(() -> manager.ready("up"));
        Await.until("there was no room for it", () -> ready.getState() == Thread.State.TIMED_WAITING);
        return ready;
    }

    @Test
    void shouldWarnWhenTheServiceManagerDoesNotReadForSeconds() {
        String name = folder.resolve("hung").toString();
        try (NotifySocket unread = new NotifySocket(name)) {
            ServiceManager manager = ServiceManager.of(name, log);
            fill(manager);
            manager.ready("up");
            assertThat(warnings).hasSize(2).last().asString().contains("error 11");
            assertThat(unread.nextMessage()).startsWith("RELOADING=1");
        }
    }

    @Test
    void shouldNotTellThatItIsReadyWhenItStopsMeanwhile() throws Exception {
        String name = folder.resolve("stopped").toString();
        try (NotifySocket unread = new NotifySocket(name)) {
            ServiceManager manager = ServiceManager.of(name, log);
            fill(manager);
            Thread ready = waiting(manager);
            manager.stopping();
            ready.join();
            // Those of the last reload and of the stop, which found no room.
            assertThat(warnings).hasSize(2);
            assertThat(unread.nextMessage()).startsWith("RELOADING=1");
        }
    }

    @Test
    void shouldTellNobodyWithoutAServiceManager() {
        ServiceManager.of(null, log).ready("up");
        ServiceManager.of("", log).stopping();
        assertThat(warnings).isEmpty();
    }
}
