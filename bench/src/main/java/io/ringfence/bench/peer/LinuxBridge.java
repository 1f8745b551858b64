package io.ringfence.bench.peer;

import io.ringfence.bench.bridge.BridgeMain;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A Linux bridge of TAP devices, each served by one plain thread for its vhost-user guest, which is what vhost-net does.
 *
 * <p>Bridge and devices live in a network namespace that ends with the process, also when that is killed.
 */
public final class LinuxBridge {
    private LinuxBridge() {}

    /**
     * Starts it and waits until it listens on each socket.
     *
     * @param cpu for the guests' threads
     * @throws PeerException if it does not become ready within the limit; the message has what it printed
     */
    public static SwitchProcess start(int cpu, List<Path> sockets, int mtu, Duration limit) {
        return JavaSwitch.start("Linux bridge", command(cpu, sockets, mtu), sockets, limit);
    }

    static List<String> command(int cpu, List<Path> sockets, int mtu) {
        List<String> command = new ArrayList<>(List.of("unshare", "--net"));
        command.addAll(JavaSwitch.command(BridgeMain.class, List.of(cpu, mtu), sockets));
        return command;
    }
}
