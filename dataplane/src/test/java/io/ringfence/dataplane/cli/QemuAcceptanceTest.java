package io.ringfence.dataplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.testing.Await;
import io.ringfence.testing.Requirement;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whether the real QEMU takes the arguments that are printed, as a shell reads them. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class QemuAcceptanceTest {
    private static final String QEMU = "qemu-system-x86_64";
    private static final String TERMINAL =
            " -S -display none -nodefaults -no-user-config -accel tcg -machine q35 -qmp stdio";
    private static final String DIALOGUE = """
            {"execute":"qmp_capabilities"}
            {"execute":"qom-get","arguments":{"path":"/machine/peripheral/nic","property":"mac"}}
            {"execute":"quit"}
            """;

    @TempDir
    private Path folder;

    @Test
    void shouldBeTakenByQemuWhenRingfenceListens() throws Exception {
        Path socket = folder.resolve("a guest's.sock");
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));
            background(() -> {
                try (SocketChannel connection = listener.accept()) {
                    DumbBackend.serve(connection);
                }
                return null;
            });

            assertThat(start(socket, "server")).contains("\"QMP\"", "52:54:00:00:00:01");
        }
    }

    @Test
    void shouldBeTakenByQemuWhenRingfenceConnects() throws Exception {
        Path socket = folder.resolve("guest.sock");
        background(() -> {
            Await.until("QEMU listens", () -> Files.exists(socket));
            try (SocketChannel connection = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
                DumbBackend.serve(connection);
            }
            return null;
        });

        assertThat(start(socket, "client")).contains("\"QMP\"", "52:54:00:00:00:01");
    }

    /** Starts QEMU with a paused guest, asks it for the device's address and ends it; returns what it said. */
    private String start(Path socket, String role) throws Exception {
        String file = CommandLineRun.file(
                folder,
                "host: { cpus: [0] }",
                "networks: [{ name: blue, mtu: 9000 }]",
                "vms:",
                "  - name: alice",
                "    socket: \"" + socket + "\"",
                "    role: " + role,
                "    network: blue",
                "    mac: '52:54:00:00:00:01'",
                "    reservation: { runtime: 60us, period: 200us }");
        CommandLineRun printed =
                CommandLineRun.of("qemu", "--config", file, "alice", "--memory=64", "--vcpus=2", "--queues=2");
        // The name of the device, for the question about it, is the only thing added to what is printed.
        String arguments = printed.out().strip().replace("virtio-net-pci,", "virtio-net-pci,id=nic,");
        Path commands = Files.writeString(folder.resolve("qmp"), DIALOGUE);
        return shell("exec " + QEMU + TERMINAL + " " + arguments, commands);
    }

    private static String shell(String line, Path input) throws IOException, InterruptedException {
        Requirement.of(isInstalled(), "needs " + QEMU);
        Process process = new ProcessBuilder("sh", "-c", line)
                .redirectInput(input.toFile())
                .redirectErrorStream(true)
                .start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(said).isZero();
            return said;
        } finally {
            process.destroyForcibly();
        }
    }

    private static boolean isInstalled() {
        for (String directory : System.getenv("PATH").split(":", -1)) {
            if (Files.isExecutable(Path.of(directory, QEMU))) {
                return true;
            }
        }
        return false;
    }

    private static void background(Callable<?> task) {
        Thread.ofPlatform().daemon().name("dumb-backend").start(() -> {
            try {
                task.call();
            } catch (Exception failure) {
                // The front-end has gone, or QEMU says what is wrong.
                System.err.println("dumb back-end: " + failure);
            }
        });
    }
}
