package io.ringfence.bench.demo;

import io.ringfence.bench.traffic.Endpoint;
import io.ringfence.config.Configuration;
import io.ringfence.config.ConfigurationException;
import io.ringfence.config.MacAddress;
import java.nio.file.Path;
import java.util.List;

/** The network of the demo: alice and bob, each with a worker that may run 300 us in every millisecond. */
final class DemoConfiguration {
    static final String ALICE = "alice";
    static final String BOB = "bob";

    private static final MacAddress ALICE_MAC = MacAddress.parse("52:54:00:00:00:0a");
    private static final MacAddress BOB_MAC = MacAddress.parse("52:54:00:00:00:0b");
    private static final String RESERVATION = "{ runtime: 300us, period: 1ms }";

    private DemoConfiguration() {}

    /**
     * As an operator would write it.
     *
     * @param folder for the sockets
     * @param scheduling the lowest rung allowed
     */
    static Configuration create(Path folder, int cpu, String scheduling) throws ConfigurationException {
        String yaml = """
                host: { cpus: [%d], scheduling: %s }
                networks:
                  - name: demo
                vms:
                """.formatted(cpu, scheduling) + vm(folder, ALICE, ALICE_MAC) + vm(folder, BOB, BOB_MAC);
        return Configuration.parse(yaml, "demo");
    }

    private static String vm(Path folder, String name, MacAddress mac) {
        return """
                  - { name: %s, socket: "%s", network: demo, mac: "%s", reservation: %s }
                """.formatted(name, socket(folder, name), mac, RESERVATION);
    }

    private static Path socket(Path folder, String vm) {
        return folder.resolve(vm + ".sock");
    }

    /** How the guests attach to it. */
    static List<Endpoint> endpoints(Path folder) {
        return List.of(
                new Endpoint(ALICE, ALICE_MAC, BOB_MAC, socket(folder, ALICE)),
                new Endpoint(BOB, BOB_MAC, ALICE_MAC, socket(folder, BOB)));
    }
}
