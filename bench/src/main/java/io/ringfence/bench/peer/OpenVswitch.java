package io.ringfence.bench.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Open vSwitch with DPDK: one learning bridge in user space, whose vhost-user ports one poll-mode thread serves.
 *
 * <p>Database, control sockets and ports are files of one folder. The network devices that come with a bridge live in a
 * network namespace that ends with the process, so that the host's network and an Open vSwitch in service do not notice.
 */
public final class OpenVswitch extends SwitchProcess {
    static final Path PROGRAM = Path.of("/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk");

    private static final String BRIDGE = "br";
    private static final List<String> FILES =
            List.of("vswitchd.ctl", BRIDGE + ".mgmt", BRIDGE + ".snoop", "ovs-vswitchd.pid");
    private static final Pattern READY = Pattern.compile("DPDK Enabled - initialized");
    private static final int LEAST_MEMORY_MEBIBYTES = 512;
    private static final int PORT_MEMORY_MEBIBYTES = 80;
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    private final Path folder;
    private final List<Path> sockets;
    private final OvsDatabase database;
    private final DpdkRuntimeFolder runtimeFolder;

    private OpenVswitch(
            PeerProcess process,
            Path folder,
            List<Path> sockets,
            OvsDatabase database,
            DpdkRuntimeFolder runtimeFolder) {
        super(process);
        this.folder = folder;
        this.sockets = List.copyOf(sockets);
        this.database = database;
        this.runtimeFolder = runtimeFolder;
        process.whenEndedWithJvm(runtimeFolder::delete);
    }

    private static OpenVswitch start(Resources resources, Path folder, List<Path> sockets, OvsDatabase database) {
        DpdkRuntimeFolder runtimeFolder = DpdkRuntimeFolder.create();
        int memoryMebibytes = Math.max(LEAST_MEMORY_MEBIBYTES, sockets.size() * PORT_MEMORY_MEBIBYTES);
        database.control(settings(resources, memoryMebibytes, runtimeFolder));
        if (resources.offloads()) {
            database.control("--no-wait", "set", "Open_vSwitch", ".", "other_config:userspace-tso-enable=true");
        }
        PeerProcess process = PeerProcess.start("Open vSwitch", command(folder, database.address()));
        return new OpenVswitch(process, folder, sockets, database, runtimeFolder);
    }

    /**
     * What it has of this host.
     *
     * @param memory 512 MiB of it are used, or 80 for each port
     * @param packetCpu for the poll-mode thread
     * @param housekeepingCpu for everything else
     * @param offloads whether guests may leave checksums and segmentation to each other; they listen on the sockets then, for
     *     only ports that connect take frames longer than one of DPDK's buffers
     */
    public record Resources(Hugepages memory, int packetCpu, int housekeepingCpu, boolean offloads) {
        /** Without offloads, as it comes. */
        public Resources(Hugepages memory, int packetCpu, int housekeepingCpu) {
            this(memory, packetCpu, housekeepingCpu, false);
        }
    }

    /**
     * Starts a bridge with a port for each socket and waits until they listen.
     *
     * @param folder of the sockets; its own files go there too
     * @param mtu of all ports
     * @param limit for the start of DPDK
     * @throws PeerException if it cannot be started; the message has what was printed
     */
    public static OpenVswitch start(Resources resources, Path folder, List<Path> sockets, int mtu, Duration limit) {
        OvsDatabase database = OvsDatabase.start(folder);
        OpenVswitch started;
        try {
            started = start(resources, folder, sockets, database);
        } catch (PeerException e) {
            database.close();
            throw e;
        }
        try {
            started.process.await(READY, 0, limit);
            database.control(ports(sockets, mtu, resources.offloads()));
            return started;
        } catch (PeerException e) {
            PeerException reason = started.process.failure("could not be set up: " + e.getMessage());
            started.close();
            throw reason;
        }
    }

    static List<String> settings(Resources resources, int memoryMebibytes, DpdkRuntimeFolder runtimeFolder) {
        return List.of(
                "--no-wait",
                "set",
                "Open_vSwitch",
                ".",
                "other_config:dpdk-init=true",
                "other_config:pmd-cpu-mask=" + mask(resources.packetCpu()),
                "other_config:dpdk-lcore-mask=" + mask(resources.housekeepingCpu()),
                // Buffers by what each port can hold; the pool that ports share otherwise takes all memory there is.
                "other_config:per-port-memory=true",
                "other_config:dpdk-socket-mem=" + memoryMebibytes,
                "other_config:dpdk-socket-limit=" + memoryMebibytes,
                "other_config:dpdk-hugepage-dir=" + resources.memory().mount(),
                "other_config:dpdk-extra=\"--no-pci --file-prefix=%s\"".formatted(runtimeFolder.prefix()));
    }

    /** As long as the number of the CPU needs it. */
    static String mask(int cpu) {
        return "0x" + BigInteger.ONE.shiftLeft(cpu).toString(16);
    }

    static List<String> command(Path folder, String database) {
        return List.of(
                "env",
                "OVS_RUNDIR=" + folder,
                "OVS_LOGDIR=" + folder,
                "OVS_DBDIR=" + folder,
                "unshare",
                "--net",
                PROGRAM.toString(),
                database,
                "--unixctl=" + folder.resolve("vswitchd.ctl"),
                "-vsyslog:off",
                "-vconsole:info");
    }

    /** The bridge forwards as it does without a controller: it learns where addresses are (action NORMAL). */
    static List<String> ports(List<Path> sockets, int mtu, boolean connecting) {
        List<String> arguments = new ArrayList<>(List.of(
                "add-br",
                BRIDGE,
                "--",
                "set",
                "Bridge",
                BRIDGE,
                "datapath_type=netdev",
                "fail_mode=standalone",
                "other_config:mac-aging-time=3600"));
        for (int i = 0; i < sockets.size(); i++) {
            // A port that listens does so on the file of its name in OVS_RUNDIR.
            String name = sockets.get(i).getFileName().toString();
            arguments.addAll(List.of("--", "add-port", BRIDGE, name, "--", "set", "Interface", name));
            arguments.add("type=" + (connecting ? "dpdkvhostuserclient" : "dpdkvhostuser"));
            if (connecting) {
                arguments.add("options:vhost-server-path=" + sockets.get(i));
            }
            arguments.addAll(List.of("ofport_request=" + (i + 1), "mtu_request=" + mtu));
        }
        return arguments;
    }

    /**
     * Polices what comes from a port from now on.
     *
     * <p>Bits by the port's own policer. That counts no frames in the userspace datapath, so frames are counted by an
     * OpenFlow meter ahead of the learning action.
     *
     * @throws PeerException if it is refused
     */
    public void police(Path socket, Policing policing) {
        int port = sockets.indexOf(socket) + 1;
        String name = socket.getFileName().toString();
        database.control(
                "set",
                "Interface",
                name,
                "ingress_policing_rate=" + policing.kilobitsPerSecond(),
                "ingress_policing_burst=" + policing.burstKilobits());
        flow(
                "add-meter",
                "meter=%d,pktps,burst,bands=type=drop,rate=%d,burst_size=%d"
                        .formatted(port, policing.framesPerSecond(), policing.burstFrames()));
        flow("add-flow", "priority=1,in_port=%d,actions=meter:%d,NORMAL".formatted(port, port));
    }

    private void flow(String command, String description) {
        ShortCommand.run(List.of(
                "ovs-ofctl", "-O", "OpenFlow13", command, "unix:" + folder.resolve(BRIDGE + ".mgmt"), description));
    }

    @Override
    public void close() {
        try (database;
                process) {
            if (process.isAlive()) {
                process.terminate(STOP_LIMIT);
            }
        } catch (PeerException e) {
            // It does not listen any more: try-with-resources has killed it.
        }
        runtimeFolder.delete();
        try {
            for (Path socket : sockets) {
                Files.deleteIfExists(socket);
            }
            for (String name : OvsDatabase.FILES) {
                Files.deleteIfExists(folder.resolve(name));
            }
            for (String name : FILES) {
                Files.deleteIfExists(folder.resolve(name));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
