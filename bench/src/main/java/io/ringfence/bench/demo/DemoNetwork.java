package io.ringfence.bench.demo;

import io.ringfence.bench.traffic.Assignment;
import io.ringfence.bench.traffic.Endpoint;
import io.ringfence.bench.traffic.Role;
import io.ringfence.config.Configuration;
import io.ringfence.config.ConfigurationException;
import io.ringfence.config.MacAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The VMs of the demo, all of one network and on one CPU: a victim that sends to its receiver, and neighbours that send
 * to a sink.
 *
 * <p>0.85 of the CPU is reserved. The victim's period is short, as that of a VM with a latency guarantee; its runtime is
 * three times what its stream needs, so that its worker can wake for every frame.
 *
 * @param folder for the sockets
 * @param neighbours how many; they share one reservation
 */
record DemoNetwork(Path folder, int cpu, int neighbours) {
    static final String VICTIM = "victim";
    /** What the victim sends. Each frame of so few is a wake-up, which is where a VM's latency is most exposed. */
    static final Role.Stream STREAM = new Role.Stream(5_000, 64);
    /** Of each frame of a neighbour: few bytes and much work, which a limit on bytes or frames does not see. */
    static final int DEAR_DESCRIPTORS = 250;

    private static final Role.Stream LITTLE = new Role.Stream(2_000, 64);
    private static final Role.Flood DEAR_FLOOD = new Role.Flood(300);
    private static final String RECEIVER = "receiver";
    private static final String SINK = "sink";
    private static final String NEIGHBOUR = "neighbour-";
    private static final int NEIGHBOURS_MICROS = 1600;

    private static MacAddress mac(int number) {
        return MacAddress.parse("52:54:00:00:00:%02x".formatted(number));
    }

    /**
     * As an operator would write it.
     *
     * @param scheduling the lowest rung allowed
     */
    Configuration configuration(String scheduling) throws ConfigurationException {
        StringBuilder yaml = new StringBuilder("""
                host: { cpus: [%d], scheduling: %s }
                networks:
                  - name: demo
                vms:
                """.formatted(cpu, scheduling));
        for (Endpoint endpoint : endpoints()) {
            yaml.append("  - { name: %s, socket: \"%s\", network: demo, mac: \"%s\", reservation: { %s } }%n"
                    .formatted(endpoint.name(), endpoint.socket(), endpoint.mac(), reservation(endpoint.name())));
        }
        return Configuration.parse(yaml.toString(), "demo");
    }

    private String reservation(String vm) {
        return switch (vm) {
            case VICTIM -> "runtime: 150us, period: 500us";
            case RECEIVER -> "runtime: 100us, period: 1ms";
            case SINK -> "runtime: 200us, period: 4ms";
            default -> "runtime: %dus, period: 4ms".formatted(NEIGHBOURS_MICROS / neighbours);
        };
    }

    /** How the VMs attach to it. */
    List<Endpoint> endpoints() {
        MacAddress victim = mac(1);
        MacAddress receiver = mac(2);
        MacAddress sink = mac(3);
        List<Endpoint> endpoints = new ArrayList<>(List.of(
                endpoint(VICTIM, victim, receiver),
                endpoint(RECEIVER, receiver, victim),
                endpoint(SINK, sink, victim)));
        for (int i = 1; i <= neighbours; i++) {
            endpoints.add(endpoint(NEIGHBOUR + i, mac(3 + i), sink).withDearFrames(DEAR_DESCRIPTORS));
        }
        return endpoints;
    }

    private Endpoint endpoint(String name, MacAddress mac, MacAddress peer) {
        return new Endpoint(name, mac, peer, folder.resolve(name + ".sock"));
    }

    /** What each of them does, with the neighbours silent or noisy. */
    List<Assignment> assignments(boolean noisy) {
        return endpoints().stream()
                .map(endpoint -> switch (endpoint.name()) {
                    case VICTIM -> Assignment.of(STREAM).whileObserved();
                    case RECEIVER -> Assignment.of(new Role.Sink()).whileObserved();
                    case SINK -> Assignment.of(new Role.Sink());
                    default -> Assignment.of(noisy ? DEAR_FLOOD : new Role.Sink());
                })
                .toList();
    }

    /** All of them send a little, as the victim does: so its way through the dataplane is compiled sooner. */
    List<Assignment> warmUp() {
        return endpoints().stream()
                .map(endpoint -> Assignment.of(endpoint.name().equals(VICTIM) ? STREAM : LITTLE))
                .toList();
    }

    /** Whether a station of this name is a neighbour. */
    static boolean isNeighbour(String station) {
        return station.startsWith(NEIGHBOUR);
    }
}
