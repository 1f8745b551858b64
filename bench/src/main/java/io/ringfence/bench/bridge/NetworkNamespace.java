package io.ringfence.bench.bridge;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The network namespace of this process, in which a bridge joins devices; it ends with the process. */
final class NetworkNamespace {
    private static final String BRIDGE = "bridge0";

    private NetworkNamespace() {}

    /**
     * Makes sure that it is not that of whoever started this process.
     *
     * @throws IOException if it is, or cannot be told
     */
    static void requireOwn() throws IOException {
        long parent = ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(1L);
        if (of("self").equals(of(Long.toString(parent)))) {
            throw new IOException(
                    "the same network namespace as that of process %d, which has started this one; use unshare --net"
                            .formatted(parent));
        }
    }

    private static Path of(String process) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc", process, "ns/net"));
    }

    /**
     * Creates a bridge that learns addresses, and joins the devices by it.
     *
     * @throws IOException if the kernel refuses; says what
     */
    static void bridge(List<Tap> taps, int mtu) throws IOException, InterruptedException {
        for (String which : List.of("all", "default")) {
            Path ipv6 = Path.of("/proc/sys/net/ipv6/conf", which, "disable_ipv6");
            if (Files.exists(ipv6)) {
                // Nobody but the guests is to send anything.
                Files.writeString(ipv6, "1");
            }
        }
        // Addresses age after an hour (in hundredths of a second): guests that only receive announce themselves once a
        // run.
        ip("link", "add", "name", BRIDGE, "type", "bridge", "ageing_time", "360000", "mcast_snooping", "0");
        for (Tap tap : taps) {
            ip("link", "set", "dev", tap.name(), "mtu", Integer.toString(mtu), "master", BRIDGE, "up");
        }
        ip("link", "set", "dev", BRIDGE, "up");
    }

    private static void ip(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("%s: %s".formatted(String.join(" ", command), printed.strip()));
        }
    }
}
