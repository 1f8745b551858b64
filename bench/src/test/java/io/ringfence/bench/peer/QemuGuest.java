package io.ringfence.bench.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A virtual machine with a stock Linux kernel whose network card is a vhost-user front-end.
 *
 * <p>It runs under emulation (TCG) on CPU 0, so what it shows is function, not speed. One thread drives it.
 */
public final class QemuGuest implements AutoCloseable {
    /**
     * What the guest is like.
     *
     * @param name for messages
     * @param socket the vhost-user socket
     * @param server whether QEMU listens on the socket and the switch connects, instead of QEMU connecting (and reconnecting)
     * @param mac of its card
     * @param address of its card, with prefix length, such as 10.0.0.1/24
     * @param memoryMebibytes all of its memory, shared with the switch
     * @param packed whether its card has packed virtqueues, if the switch offers them
     * @param queuePairs of its card; it has as many vCPUs, so that its kernel uses them all
     */
    public record Options(
            String name,
            Path socket,
            boolean server,
            String mac,
            String address,
            int memoryMebibytes,
            boolean packed,
            int queuePairs) {
        /** A guest of 256 MiB that connects to the switch. */
        public static Options connecting(String name, Path socket, String mac, String address) {
            return new Options(name, socket, false, mac, address, 256, false, 1);
        }

        /** A guest of 256 MiB that the switch connects to. */
        public static Options listening(String name, Path socket, String mac, String address) {
            return new Options(name, socket, true, mac, address, 256, false, 1);
        }

        /** The same guest with packed virtqueues. */
        public Options withPackedQueues() {
            return new Options(name, socket, server, mac, address, memoryMebibytes, true, queuePairs);
        }

        /** The same guest with so many queue pairs, and as many vCPUs. */
        public Options withQueuePairs(int pairs) {
            return new Options(name, socket, server, mac, address, memoryMebibytes, packed, pairs);
        }

        /** The address without its prefix length. */
        public String host() {
            return address.substring(0, address.indexOf('/'));
        }
    }

    /** Its kernel neither tests its ciphers nor waits long for other CPUs: both take an emulated one most time of its boot. */
    private static final String KERNEL_OPTIONS =
            "console=ttyS0 quiet mitigations=off cryptomgr.notests rcupdate.rcu_expedited=1 address=";

    private final Options options;
    private final PeerProcess process;
    private final Path folder;
    private long startedNanos = System.nanoTime();
    private final GuestChannel channel;
    private String bootId = "";

    private QemuGuest(Options options, PeerProcess process, Path folder, GuestChannel channel) {
        this.options = options;
        this.process = process;
        this.folder = folder;
        this.channel = channel;
    }

    /** Starts the guest and returns at once; {@link #awaitReady} waits until it has booted. */
    public static QemuGuest start(GuestImage image, Options options) {
        try {
            Path folder = Files.createTempDirectory("rf-qemu");
            var process = PeerProcess.start("Guest " + options.name, command(image, options, folder));
            try {
                return new QemuGuest(
                        options, process, folder, GuestChannel.connect(process, folder.resolve("channel")));
            } catch (PeerException e) {
                process.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> command(GuestImage image, Options options, Path folder) {
        String memory = options.memoryMebibytes + "M";
        var command = new ArrayList<>(List.of("taskset", "-c", "0", "qemu-system-x86_64"));
        command.addAll(List.of("-accel", "tcg", "-cpu", "max", "-M", "q35", "-m", memory));
        // With room for one vCPU only, TCG compiles the guest's barriers to nothing, though the switch runs on
        // another CPU: its driver may read an old event index, and a kick is lost for good.
        command.addAll(List.of("-smp", "%d,maxcpus=%d".formatted(options.queuePairs, Math.max(2, options.queuePairs))));
        command.addAll(List.of("-object", "memory-backend-memfd,id=mem,size=%s,share=on".formatted(memory)));
        command.addAll(List.of("-numa", "node,memdev=mem", "-nodefaults", "-display", "none"));
        command.addAll(List.of("-serial", "stdio", "-serial", "chardev:channel"));
        command.addAll(List.of(
                "-chardev", "socket,id=channel,path=%s,server=on,wait=off".formatted(folder.resolve("channel"))));
        String role = options.server ? "server=on" : "reconnect=1";
        command.addAll(List.of("-chardev", "socket,id=net,path=%s,%s".formatted(options.socket, role)));
        command.addAll(List.of("-netdev", "vhost-user,id=n0,chardev=net,queues=" + options.queuePairs));
        // QEMU 7.2 dies under TCG with MSI-X and a vhost back-end.
        command.addAll(List.of(
                "-device",
                "virtio-net-pci,netdev=n0,mac=%s,vectors=0,packed=%s,mq=%s"
                        .formatted(options.mac, options.packed ? "on" : "off", options.queuePairs > 1 ? "on" : "off")));
        command.addAll(List.of(
                "-kernel",
                image.kernel().toString(),
                "-initrd",
                image.initramfs().toString()));
        command.addAll(List.of("-append", KERNEL_OPTIONS + options.address));
        return command;
    }

    /**
     * Waits until the guest has booted, counted from its start or its last reboot, and returns how long it took.
     *
     * @throws PeerException if it does not within the limit; the message has the end of its console
     */
    public Duration awaitReady(Duration limit) {
        bootId = channel.awaitReady(bootId, limit);
        return Duration.ofNanos(System.nanoTime() - startedNanos);
    }

    /**
     * Runs a shell script in the guest.
     *
     * @throws PeerException if the guest does not answer; a script that takes longer than the limit is killed there and has exit
     *     code 137
     */
    public CommandResult run(String script, Duration limit) {
        return channel.run(script, limit);
    }

    /**
     * Runs a shell script in the guest that must succeed, and returns what it printed.
     *
     * @throws PeerException if its exit code is not 0
     */
    public String mustRun(String script, Duration limit) {
        CommandResult result = run(script, limit);
        if (result.exitCode() != 0) {
            throw process.failure("failed to run \"%s\": exit code %d, printed:%n%s"
                    .formatted(script, result.exitCode(), result.output()));
        }
        return result.output();
    }

    /** Whether the guest can exchange a packet with the address within the limit. */
    public boolean reaches(String address, Duration limit) {
        // Each ping has its own second; the loop ends at the first that comes back.
        String script =
                "end=$(($(cut -d. -f1 /proc/uptime) + %d)); while ! ping -c 1 -W 1 %s; do [ $(cut -d. -f1 /proc/uptime) -lt $end ] || exit 1; done"
                        .formatted(limit.toSeconds(), address);
        return run(script, limit.plusSeconds(10)).exitCode() == 0;
    }

    /** The number of frames that the guest's card has received since it booted. */
    public long receivedFrames() {
        return Long.parseLong(mustRun("cat /sys/class/net/eth0/statistics/rx_packets", Duration.ofSeconds(10))
                .strip());
    }

    /** Reboots the guest without any warning to the switch, and waits until it is up again. */
    public void reboot(Duration limit) {
        channel.send("reboot -f", Duration.ofSeconds(10));
        startedNanos = System.nanoTime();
        awaitReady(limit);
    }

    /** What it was started with. */
    public Options options() {
        return options;
    }

    /** Whether QEMU runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** The last lines of its console, and what QEMU said. */
    public String console() {
        return process.tail();
    }

    /** The process id of QEMU. */
    public long pid() {
        return process.pid();
    }

    /** Pulls the plug. */
    @Override
    public void close() {
        process.close();
        channel.close();
        try {
            Files.deleteIfExists(folder.resolve("channel"));
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
