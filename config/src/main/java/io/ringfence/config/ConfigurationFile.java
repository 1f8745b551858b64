package io.ringfence.config;

import io.ringfence.config.document.ChoiceType;
import io.ringfence.config.document.ChoiceType.Choice;
import io.ringfence.config.document.IntegerType;
import io.ringfence.config.document.Key;
import io.ringfence.config.document.ListType;
import io.ringfence.config.document.Located;
import io.ringfence.config.document.Section;
import io.ringfence.config.document.SectionType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The keys of the configuration file; {@link ConfigurationRecords} makes records of what it says. */
final class ConfigurationFile {
    static final Key<List<Located<Integer>>> CPUS = Key.required(
            "cpus",
            new ListType<>("CPU numbers", "[1]", new IntegerType("a CPU number", 0, 8191), 1, true),
            "the dataplane CPUs, one partition each");
    static final Key<SchedulingRung> SCHEDULING = Key.optional(
            "scheduling",
            new ChoiceType<>(List.of(
                    new Choice<>("deadline", SchedulingRung.DEADLINE),
                    new Choice<>("deadline-global", SchedulingRung.DEADLINE_GLOBAL),
                    new Choice<>("fifo", SchedulingRung.FIFO),
                    new Choice<>("other", SchedulingRung.OTHER))),
            "the lowest rung of the scheduling ladder that is allowed",
            SchedulingRung.DEADLINE);
    static final Key<CpuIdle> IDLE = Key.optional(
            "idle",
            new ChoiceType<>(List.of(new Choice<>("poll", CpuIdle.POLL), new Choice<>("sleep", CpuIdle.SLEEP))),
            "what a dataplane CPU does while there is nothing to do; sleeping saves power, and makes every wake-up slower",
            CpuIdle.POLL);
    static final Key<Section> HOST = Key.required(
            "host", SectionType.of("a host", CPUS, SCHEDULING, IDLE), "what the host gives to the dataplane");

    static final Key<String> NETWORK_NAME = Key.required("name", ValueTypes.NAME, "the name, unique among networks");
    static final Key<Integer> MTU = Key.optional(
            "mtu",
            new IntegerType("an MTU in bytes", 68, 65_535),
            "the largest layer-3 packet in bytes, without the Ethernet header",
            1_500);
    static final Key<Long> AGEING = Key.optional(
            "ageing",
            ValueTypes.duration(Duration.ofSeconds(1), Duration.ofSeconds(1_000_000)),
            "how long a learned address is kept without a frame from it",
            Duration.ofSeconds(300).toNanos());
    static final Key<Integer> MAC_LIMIT = Key.optional(
            "mac-limit",
            new IntegerType("a number of addresses", 1, 4_096),
            "how many addresses may be learned from one VM",
            64);
    static final Key<List<Located<Section>>> NETWORKS = Key.required(
            "networks",
            new ListType<>(
                    "networks",
                    "[{ name: blue }]",
                    SectionType.of("a network", NETWORK_NAME, MTU, AGEING, MAC_LIMIT),
                    1,
                    false),
            "the isolated layer-2 segments");

    static final Key<Long> RUNTIME = Key.required(
            "runtime",
            ValueTypes.duration(Duration.ofNanos(ReservationSpec.MIN_RUNTIME_NANOS), Duration.ofNanos(4_194_304_000L)),
            "the CPU time per period, at least what looking at the queues once may cost");
    static final Key<Long> PERIOD = Key.required(
            "period",
            // The defaults of /proc/sys/kernel/sched_deadline_period_{min,max}_us.
            ValueTypes.duration(Duration.ofNanos(100_000), Duration.ofNanos(4_194_304_000L)),
            "the period, which is also the deadline");
    static final Key<Section> RESERVATION = Key.optional(
            "reservation",
            SectionType.of("a reservation", RUNTIME, PERIOD),
            "the CPU time of each worker of the VM, such as { runtime: 100us, period: 500us }");
    static final Key<Long> RATE = Key.required("rate", ValueTypes.PACKET_RATE, "packets per second");
    static final Key<Integer> BURST =
            Key.required("burst", new IntegerType("a number of packets", 1, 32_768), "packets at once");
    static final Key<Long> LATENCY = Key.optional(
            "latency",
            ValueTypes.duration(Duration.ofNanos(1_000), Duration.ofSeconds(10)),
            "the longest time a packet of a burst may take; if missing, the period is long");
    static final Key<Section> GUARANTEE = Key.optional(
            "guarantee",
            SectionType.of("a guarantee", RATE, BURST, LATENCY),
            "the packets that a reservation is derived from, such as { rate: 300kpps, burst: 64, latency: 500us }");
    static final Key<Long> LIMIT_RATE =
            Key.optional("rate", ValueTypes.PACKET_RATE, "the most packets that the VM may send in a second");
    static final Key<Long> LIMIT_BANDWIDTH = Key.optional(
            "bandwidth",
            ValueTypes.BANDWIDTH,
            "the most bits of Ethernet frames that the VM may send in a second, without preamble and checksum");
    static final Key<Integer> LIMIT_BURST = Key.optional(
            "burst",
            new IntegerType("a number of packets", 1, LimitSpec.MAX_BURST_PACKETS),
            "the most packets at once, for `bandwidth` of the network's largest size; if missing, what the limit lets"
                    + " through in 10 ms, at least 16 packets");
    static final Key<Section> LIMIT = Key.optional(
            "limit",
            SectionType.of("a limit", LIMIT_RATE, LIMIT_BANDWIDTH, LIMIT_BURST)
                    .withAtLeastOneOf(LIMIT_RATE, LIMIT_BANDWIDTH),
            "what the VM may send at most, such as { rate: 1Mpps, bandwidth: 2Gbps }; more waits in the guest's own"
                    + " transmit queue");

    static final Key<String> VM_NAME = Key.required("name", ValueTypes.VM_NAME, "the name, unique among VMs");
    static final Key<Path> SOCKET =
            Key.required("socket", ValueTypes.SOCKET, "the absolute path of the vhost-user socket");
    static final Key<Role> ROLE = Key.optional(
            "role",
            new ChoiceType<>(List.of(new Choice<>("server", Role.SERVER), new Choice<>("client", Role.CLIENT))),
            "server: Ringfence listens; client: it connects to the front-end's socket, and reconnects",
            Role.SERVER);
    static final Key<String> NETWORK = Key.required("network", ValueTypes.NAME, "the name of one of the networks");
    static final Key<MacAddress> MAC =
            Key.optional("mac", ValueTypes.MAC, "if given, frames from other source addresses are dropped");
    static final Key<Integer> CPU = Key.optional(
            "cpu",
            new IntegerType("a CPU number", 0, 8191),
            "the dataplane CPU of its workers; chosen by admission, one for each worker, if missing");
    static final Key<Integer> QUEUES = Key.optional(
            "queues",
            new IntegerType("a number of queue pairs", 1, 8),
            "the most pairs of receive and transmit queue that the front-end may use",
            4);
    static final Key<Integer> WORKERS = Key.optional(
            "workers",
            new IntegerType("a number of workers", 1, 8),
            "how many workers share its queue pairs, each with a `reservation` of its own; at most `queues`",
            1);
    private static final ChoiceType<Boolean> ON_OR_OFF =
            new ChoiceType<>(List.of(new Choice<>("on", true), new Choice<>("off", false)));

    static final Key<Boolean> OFFLOADS = Key.optional(
            "offloads", ON_OR_OFF, "whether checksum and segmentation offloads are offered to the guest", true);
    static final Key<Boolean> RECLAIM = Key.optional(
            "reclaim",
            ON_OR_OFF,
            "whether the VM's workers may also use CPU time that others on their CPU leave unused",
            false);
    static final Key<List<Located<Section>>> VMS = Key.required(
            "vms",
            new ListType<>(
                    "VMs",
                    "[{ name: alice, socket: /run/ringfence/alice.sock, network: blue,"
                            + " reservation: { runtime: 100us, period: 500us } }]",
                    SectionType.of(
                                    "a VM",
                                    VM_NAME,
                                    SOCKET,
                                    ROLE,
                                    NETWORK,
                                    MAC,
                                    CPU,
                                    QUEUES,
                                    WORKERS,
                                    OFFLOADS,
                                    RESERVATION,
                                    GUARANTEE,
                                    RECLAIM,
                                    LIMIT)
                            .withExactlyOneOf(RESERVATION, GUARANTEE),
                    0,
                    false),
            "the VMs; may be empty");

    static final Key<Path> ADMIN_SOCKET =
            Key.optional("socket", ValueTypes.SOCKET, "the path of the admin API's unix socket");
    static final Key<String> METRICS =
            Key.optional("metrics", ValueTypes.ENDPOINT, "where Prometheus collects metrics");
    static final Key<Section> ADMIN = Key.optional(
                    "admin",
                    SectionType.of("an admin section", ADMIN_SOCKET, METRICS).withAtLeastOneOf(ADMIN_SOCKET, METRICS),
                    "the admin API and metrics")
            .unserved("this version has no admin API and no metrics endpoint: remove the section");
    static final Key<Path> JOURNAL_DIRECTORY =
            Key.required("directory", ValueTypes.DIRECTORY, "the absolute path of its directory");
    static final Key<Long> RETAIN =
            Key.required("retain", ValueTypes.SIZE, "how much of it is kept; the oldest is deleted first");
    static final Key<Section> JOURNAL = Key.optional(
            "journal",
            SectionType.of("a journal section", JOURNAL_DIRECTORY, RETAIN),
            "the record of admissions, sessions and kept or broken guarantees");

    static final SectionType FILE = SectionType.of("a configuration", HOST, NETWORKS, VMS, ADMIN, JOURNAL);

    private ConfigurationFile() {}
}
