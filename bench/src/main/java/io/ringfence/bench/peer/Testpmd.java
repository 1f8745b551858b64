package io.ringfence.bench.peer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * DPDK's testpmd: a pair of virtio-user front-ends that sends and takes frames, or a switch of vhost ports.
 *
 * <p>Its ports are paired: what port 0 receives leaves through port 1, and the other way round. One thread drives it.
 */
public final class Testpmd extends SwitchProcess {
    /** The forwarding modes used here. */
    public enum Mode {
        /** Sends every frame as it came. */
        IO,
        /** Only receives. */
        RXONLY
    }

    private static final Pattern PROMPT = Pattern.compile("testpmd> ");
    private static final Pattern REFUSED =
            Pattern.compile("Bad arguments|Command not found|Ambiguous command|Packet forwarding already started"
                    + "|Not all ports were started");
    /** How the virtio driver calls the ways to send and receive that it has with packed queues. */
    private static final String PACKED_DRIVER = "packed ring";

    private static final Duration COMMAND_LIMIT = Duration.ofSeconds(20);

    private final DpdkRuntimeFolder runtimeFolder;

    private Testpmd(PeerProcess process, DpdkRuntimeFolder runtimeFolder) {
        super(process);
        this.runtimeFolder = runtimeFolder;
        process.whenEndedWithJvm(runtimeFolder::delete);
    }

    /**
     * Starts testpmd with its forwarding thread on the given CPU and waits for its prompt.
     *
     * <p>A virtio-user port that listens keeps testpmd from its prompt until the switch has connected.
     *
     * @throws PeerException if the prompt does not come within the limit, or packed queues are wanted and the switch has
     *     none; the message has the end of the output
     */
    public static Testpmd start(Hugepages memory, int cpu, List<? extends Vdev> vdevs, Duration limit) {
        var runtimeFolder = DpdkRuntimeFolder.create();
        String prefix = runtimeFolder.prefix();
        var testpmd =
                new Testpmd(PeerProcess.start("testpmd " + prefix, command(memory, prefix, cpu, vdevs)), runtimeFolder);
        try {
            testpmd.process.await(PROMPT, 0, limit);
            testpmd.requirePackedRings(vdevs);
            return testpmd;
        } catch (PeerException e) {
            testpmd.close();
            throw e;
        }
    }

    /** The driver would go on with split ones, and say so in its log only. */
    private void requirePackedRings(List<? extends Vdev> vdevs) {
        boolean wanted = vdevs.stream().anyMatch(vdev -> vdev instanceof Vdev.VirtioUser user && user.packed());
        if (wanted && !process.outputFrom(0).contains(PACKED_DRIVER)) {
            throw process.failure("has negotiated no packed queues with the switch");
        }
    }

    private static List<String> command(Hugepages memory, String prefix, int cpu, List<? extends Vdev> vdevs) {
        int queuePairs = vdevs.getFirst().queuePairs();
        // Line buffering: the prompt is written past stdio's buffer, and would overtake the statistics in a pipe.
        var command = new ArrayList<>(List.of("stdbuf", "-oL", "dpdk-testpmd"));
        command.addAll(List.of("--lcores", "0@%d,1@%d".formatted(cpu, cpu), "--no-pci", "--file-prefix=" + prefix));
        command.addAll(List.of("--huge-dir=" + memory.mount(), "-m", "256"));
        // Otherwise there are more memory regions than one SET_MEM_TABLE can hold.
        command.add("--single-file-segments");
        if (vdevs.stream().anyMatch(vdev -> vdev instanceof Vdev.VirtioUser user && user.vectorized())) {
            command.add("--force-max-simd-bitwidth=512"); // the default of 256 bits excludes it
        }
        command.add("--log-level=pmd.net.virtio.init:info"); // how each port sends and receives
        for (int i = 0; i < vdevs.size(); i++) {
            command.addAll(List.of("--vdev", vdevs.get(i).arguments(i)));
        }
        command.addAll(List.of("--", "-i", "--nb-cores=1", "--total-num-mbufs=%d".formatted(16384 * queuePairs)));
        command.addAll(List.of("--rxq=" + queuePairs, "--txq=" + queuePairs));
        if (vdevs.stream().anyMatch(vdev -> vdev instanceof Vdev.Vhost vhost && vhost.offloads())) {
            command.add("--rx-offloads=0xc"); // TCP and UDP checksums: else the driver computes those that a guest left
        }
        for (int i = 0; i < vdevs.size(); i++) {
            // Frames leave for the MAC of the other port of the pair.
            if ((i ^ 1) < vdevs.size() && vdevs.get(i ^ 1) instanceof Vdev.VirtioUser other) {
                command.add("--eth-peer=%d,%s".formatted(i, other.mac()));
            }
        }
        return command;
    }

    /**
     * Gives a command and returns what testpmd printed up to its next prompt.
     *
     * @throws PeerException if testpmd refuses the command or the prompt does not come back
     */
    public String command(String command) {
        int from = process.position();
        process.send(command);
        int end = process.await(PROMPT, from, COMMAND_LIMIT).start();
        String printed = process.outputFrom(0).substring(from, end);
        if (REFUSED.matcher(printed).find()) {
            throw new PeerException("testpmd refused \"%s\": %s".formatted(command, printed.strip()));
        }
        return printed;
    }

    /** Chooses what the ports do; only while stopped. */
    public void setMode(Mode mode) {
        command("set fwd " + mode.name().toLowerCase(Locale.ROOT));
    }

    /** Sets the length of the frames that testpmd makes itself, in bytes without frame check sequence. */
    public void setFrameBytes(int bytes) {
        command("set txpkts " + bytes);
    }

    /** Starts forwarding and resets the forward statistics. */
    public void start() {
        command("start");
    }

    /** Starts forwarding with so many bursts of 32 frames sent first from each queue, which then circle. */
    public void startTxFirst(int bursts) {
        command("start tx_first " + bursts);
    }

    /** Forwards between these ports only from now on: the first and the second are a pair, the third and the fourth, and so on. */
    public void forwardBetween(List<Integer> ports) {
        stop();
        command("set portlist " + ports.stream().map(String::valueOf).collect(Collectors.joining(",")));
        start();
    }

    /** Stops forwarding. */
    public void stop() {
        command("stop");
    }

    /** The counts since the start, all ports together, while forwarding. */
    public PacketCounts forwardStats() {
        return TestpmdOutput.forwardAll(command("show fwd stats all"));
    }

    /** The counts since the last {@link #clearPortStats}, port by port; also while forwarding. */
    public List<PacketCounts> portStats() {
        return TestpmdOutput.nicPorts(command("show port stats all"));
    }

    /** Sets the counts of {@link #portStats} to zero. */
    public void clearPortStats() {
        command("clear port stats all");
    }

    /** Sends SIGKILL and waits for the end. */
    public void kill() {
        process.close();
        runtimeFolder.delete();
    }

    /** Quits, or is killed if it does not quit at once. */
    @Override
    public void close() {
        try (process) {
            if (process.isAlive()) {
                process.send("quit");
                process.awaitExit(Duration.ofSeconds(5));
            }
        } catch (PeerException e) {
            // It does not listen any more: try-with-resources has killed it.
        }
        runtimeFolder.delete();
    }
}
