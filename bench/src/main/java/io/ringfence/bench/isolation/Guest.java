package io.ringfence.bench.isolation;

import io.ringfence.bench.peer.RingfenceFile;
import io.ringfence.bench.traffic.Endpoint;
import io.ringfence.config.MacAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The VMs, all of one network and on one CPU: 0.85 of it is reserved.
 *
 * <p>Earliest deadline first lets a worker with a shorter period go first. So the victim's is short, as that of a VM with a
 * latency guarantee, and the aggressors' are long. The victim's runtime is about twice what its stream needs here: a wake-up
 * for each frame costs 10 to 15 us of CPU time on a virtual machine. A receiver's worker has little to do: its senders deliver.
 */
enum Guest {
    VICTIM(1, 250, 500),
    RECEIVER(2, 100, 4000),
    AGGRESSOR(3, 600, 4000),
    /** An aggressor whose every frame is a chain of many descriptors. */
    DEAR(4, 600, 4000),
    /** Where the aggressors' frames go. */
    SINK(5, 100, 4000);

    static final int DEAR_DESCRIPTORS = 250;
    private static final String NETWORK = "blue";
    private static final int MTU = 1500;
    private static final long MICRO_NANOS = 1_000;

    private final String mac;
    private final Duration runtime;
    private final Duration period;

    Guest(int number, int runtimeMicros, int periodMicros) {
        mac = "52:54:00:00:00:%02d".formatted(number);
        runtime = Duration.ofNanos(runtimeMicros * MICRO_NANOS);
        period = Duration.ofNanos(periodMicros * MICRO_NANOS);
    }

    /** As it is called in configurations and reports. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    MacAddress mac() {
        return MacAddress.parse(mac);
    }

    boolean isAggressor() {
        return this == AGGRESSOR || this == DEAR;
    }

    private MacAddress peer() {
        return switch (this) {
            case VICTIM -> RECEIVER.mac();
            case RECEIVER -> VICTIM.mac();
            case AGGRESSOR, DEAR -> SINK.mac();
            case SINK -> AGGRESSOR.mac();
        };
    }

    Path socket(Path folder) {
        return folder.resolve(word() + ".sock");
    }

    /** The sockets of all of them, in the order of the constants. */
    static List<Path> sockets(Path folder) {
        return Stream.of(values()).map(guest -> guest.socket(folder)).toList();
    }

    private Endpoint endpoint(Path folder) {
        Endpoint endpoint = new Endpoint(word(), mac(), peer(), socket(folder));
        return this == DEAR ? endpoint.withDearFrames(DEAR_DESCRIPTORS) : endpoint;
    }

    /** How all of them attach, in the order of the constants. */
    static List<Endpoint> endpoints(Path folder) {
        return Stream.of(values()).map(guest -> guest.endpoint(folder)).toList();
    }

    /**
     * The configuration of all of them.
     *
     * @param rung the lowest that is allowed
     * @param limit of each aggressor, empty for none
     */
    static String configuration(Path folder, int cpu, String rung, String limit) {
        RingfenceFile file = RingfenceFile.forCpu(cpu, MTU).scheduling(rung);
        for (Guest guest : values()) {
            file.vm(
                    guest.word(),
                    guest.socket(folder),
                    RingfenceFile.Role.SERVER,
                    NETWORK,
                    guest.mac,
                    guest.runtime,
                    guest.period);
            if (guest.isAggressor() && !limit.isEmpty()) {
                file.limit(limit);
            }
        }
        return file.text();
    }

    /** Who has what, for people. */
    static String reservations() {
        return String.join(
                ", ",
                Stream.of(values())
                        .map(guest -> "%s %d/%d us"
                                .formatted(
                                        guest.word(),
                                        guest.runtime.toNanos() / MICRO_NANOS,
                                        guest.period.toNanos() / MICRO_NANOS))
                        .toList());
    }
}
