package io.ringfence.bench.bridge;

import io.ringfence.vhostuser.backend.BackendEventLoop;
import io.ringfence.vhostuser.backend.VhostUserListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The process that joins vhost-user guests by a Linux bridge; to be started in a network namespace of its own.
 *
 * <p>Arguments: the CPU for the guests' threads, the MTU, and the sockets to listen on. It says {@code ready}, and ends with
 * its standard input or a line from there, so that it never outlives who started it.
 */
public final class BridgeMain {
    private BridgeMain() {}

    /** Runs until told to end; exit code 1 with the reason on standard error if it cannot. */
    public static void main(String[] arguments) {
        int cpu = Integer.parseInt(arguments[0]);
        int mtu = Integer.parseInt(arguments[1]);
        List<Path> sockets = List.of(arguments).stream().skip(2).map(Path::of).toList();
        try {
            serve(cpu, mtu, sockets);
            System.exit(0);
        } catch (IOException | InterruptedException | RuntimeException e) {
            e.printStackTrace(System.err);
            System.exit(1);
        }
    }

    private static void serve(int cpu, int mtu, List<Path> sockets) throws IOException, InterruptedException {
        NetworkNamespace.requireOwn();
        List<Tap> taps = new ArrayList<>();
        for (int i = 0; i < sockets.size(); i++) {
            taps.add(Tap.create("tap" + i));
        }
        NetworkNamespace.bridge(taps, mtu);
        BackendEventLoop loop = BackendEventLoop.start(1);
        List<VhostUserListener> listeners = new ArrayList<>();
        List<BridgePort> ports = new ArrayList<>();
        for (int i = 0; i < sockets.size(); i++) {
            ports.add(new BridgePort(taps.get(i), cpu, mtu));
            listeners.add(VhostUserListener.open(loop, sockets.get(i), ports.get(i)));
        }
        System.out.println("ready");
        int ignored = System.in.read();
        listeners.forEach(VhostUserListener::close);
        ports.forEach(BridgePort::close);
        loop.close();
    }
}
