package io.ringfence.bench.peer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What must be installed for a peer to run, by the names of Debian 12 and its successors. */
public enum Peer {
    /** DPDK's testpmd with virtio-user and vhost ports. */
    TESTPMD("dpdk-testpmd stdbuf", "dpdk dpdk-dev librte-net-virtio23 librte-net-vhost23 librte-mempool-ring23"),
    /** Open vSwitch with its poll-mode threads, in a network namespace of its own. */
    OPEN_VSWITCH(
            "ovs-vswitchd-dpdk ovsdb-server ovsdb-tool ovs-vsctl ovs-ofctl unshare",
            "openvswitch-switch-dpdk librte-mempool-ring23"),
    /** The kernel's bridge, in a network namespace of its own. */
    LINUX_BRIDGE("ip unshare", "iproute2 util-linux"),
    /** QEMU guests with a Linux kernel. */
    QEMU(
            "qemu-system-x86_64 busybox cpio iperf3 ethtool taskset apt-get dpkg",
            "qemu-system-x86 busybox-static cpio iperf3 ethtool");

    private static final List<Path> FOLDERS = List.of(
            Path.of("/usr/local/bin"),
            Path.of("/usr/bin"),
            Path.of("/usr/sbin"),
            Path.of("/bin"),
            Path.of("/sbin"),
            OpenVswitch.PROGRAM.getParent());

    private final String programs;
    private final String packages;

    Peer(String programs, String packages) {
        this.programs = programs;
        this.packages = packages;
    }

    /** The programs that are not installed; none if the peer can run. */
    public List<String> missingPrograms() {
        return Stream.of(programs.split(" "))
                .filter(program -> !isInstalled(program))
                .toList();
    }

    /** The command that installs the peer. */
    public String installCommand() {
        return "apt-get install -y --no-install-recommends " + packages;
    }

    /** Why the peer cannot run, with the remedy; empty if it can. */
    public Optional<String> obstacle() {
        List<String> missing = missingPrograms();
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "skipped: %s not found; install: %s".formatted(String.join(", ", missing), installCommand()));
    }

    private static boolean isInstalled(String program) {
        return FOLDERS.stream().anyMatch(folder -> Files.isExecutable(folder.resolve(program)));
    }
}
