package io.ringfence.bench.peer;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;

/** The text of a configuration file, made VM by VM. Used by one thread. */
public final class RingfenceFile {
    /** Which side listens on a VM's socket. */
    public enum Role {
        /** Ringfence listens, the front-end connects. */
        SERVER,
        /** The front-end listens, Ringfence connects. */
        CLIENT
    }

    private static final String NETWORK = "blue";

    private final int cpu;
    private final int mtu;
    private final Set<String> networks = new LinkedHashSet<>();
    private final StringBuilder vms = new StringBuilder();
    private String scheduling = "deadline";
    private String idle = "poll";

    private RingfenceFile(int cpu, int mtu) {
        this.cpu = cpu;
        this.mtu = mtu;
    }

    /**
     * A file with one dataplane CPU and no VMs yet.
     *
     * @param mtu of all networks, in bytes without the Ethernet header
     */
    public static RingfenceFile forCpu(int cpu, int mtu) {
        return new RingfenceFile(cpu, mtu);
    }

    /** Allows no rung below this one, in the configuration's words; {@code deadline} unless said. */
    public RingfenceFile scheduling(String lowestRung) {
        scheduling = lowestRung;
        return this;
    }

    /** Lets the dataplane CPU sleep while it is idle. */
    public RingfenceFile sleeping() {
        idle = "sleep";
        return this;
    }

    /** Adds a VM to the one network of a benchmark; only frames from its MAC address are let through. */
    public RingfenceFile vm(Vm vm) {
        return vm(vm.name(), vm.socket(), Role.SERVER, NETWORK, vm.mac().toString(), vm.runtime(), vm.period());
    }

    /** Adds a VM, and its network if that is new; only frames from the given MAC address are let through. */
    public RingfenceFile vm(
            String name, Path socket, Role role, String network, String mac, Duration runtime, Duration period) {
        networks.add(network);
        vms.append("  - name: %s%n    socket: %s%n    role: %s%n    network: %s%n    mac: %s%n"
                .formatted(name, socket, role == Role.SERVER ? "server" : "client", network, mac));
        vms.append("    reservation: { runtime: %dus, period: %dus }%n"
                .formatted(runtime.toNanos() / 1000, period.toNanos() / 1000));
        return this;
    }

    /** Limits what the VM added last may send, such as {@code rate: 1Mpps, bandwidth: 2Gbps}. */
    public RingfenceFile limit(String limit) {
        vms.append("    limit: { %s }%n".formatted(limit));
        return this;
    }

    /** Gives the VM added last so many workers, each with its reservation. */
    public RingfenceFile workers(int workers) {
        vms.append("    workers: %d%n".formatted(workers));
        return this;
    }

    /** Lets the workers of the VM added last use what others leave of the CPU. */
    public RingfenceFile reclaiming() {
        vms.append("    reclaim: on%n".formatted());
        return this;
    }

    /** Offers no offloads to the VM added last. */
    public RingfenceFile withoutOffloads() {
        vms.append("    offloads: off%n".formatted());
        return this;
    }

    /** The text of the file. */
    public String text() {
        var text = new StringBuilder(
                "host:%n  cpus: [%d]%n  scheduling: %s%n  idle: %s%nnetworks:%n".formatted(cpu, scheduling, idle));
        for (String network : networks) {
            text.append("  - { name: %s, mtu: %d }%n".formatted(network, mtu));
        }
        return text.append("vms:%n".formatted()).append(vms).toString();
    }
}
