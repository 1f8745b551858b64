package io.ringfence.bench.peer;

import io.ringfence.bench.bridge.BridgeMain;
import io.ringfence.bench.host.JavaCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A Linux bridge of TAP devices, each served by one plain thread for its vhost-user guest, which is what vhost-net does.
 *
 * <p>Bridge and devices live in a network namespace that ends with the process, also when that is killed.
 */
public final class LinuxBridge extends SwitchProcess {
    private static final Pattern READY = Pattern.compile("(?m)^ready$");
    private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

    private final List<Path> sockets;

    private LinuxBridge(PeerProcess process, List<Path> sockets) {
        super(process);
        this.sockets = List.copyOf(sockets);
    }

    /**
     * Starts it and waits until it listens on each socket.
     *
     * @param cpu for the guests' threads
     * @throws PeerException if it does not become ready within the limit; the message has what it printed
     */
    public static LinuxBridge start(int cpu, List<Path> sockets, int mtu, Duration limit) {
        var bridge = new LinuxBridge(PeerProcess.start("Linux bridge", command(cpu, sockets, mtu)), sockets);
        try {
            bridge.process.await(READY, 0, limit);
            return bridge;
        } catch (PeerException e) {
            bridge.close();
            throw e;
        }
    }

    static List<String> command(int cpu, List<Path> sockets, int mtu) {
        List<String> arguments = new ArrayList<>(List.of(Integer.toString(cpu), Integer.toString(mtu)));
        sockets.forEach(socket -> arguments.add(socket.toString()));
        List<String> command = new ArrayList<>(List.of("unshare", "--net"));
        command.addAll(JavaCommand.of(List.of("-Xms64m", "-Xmx64m"), BridgeMain.class.getName(), arguments));
        return command;
    }

    @Override
    public void close() {
        try (process) {
            if (process.isAlive()) {
                process.send("stop");
                process.awaitExit(STOP_LIMIT);
            }
        } catch (PeerException e) {
            // It does not listen any more: try-with-resources has killed it.
        }
        try {
            for (Path socket : sockets) {
                Files.deleteIfExists(socket);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
