package io.ringfence.bench.steady;

import io.ringfence.bench.peer.Conditions;
import io.ringfence.bench.peer.RingfenceFile;
import io.ringfence.bench.peer.Vm;
import io.ringfence.bench.traffic.Endpoint;
import io.ringfence.config.MacAddress;
import io.ringfence.vhostuser.frontend.QueueOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** The VMs, all of one network and on one CPU: 0.85 of it is reserved. They differ in how they lay out their queues. */
enum Guest {
    ALICE("alice", 400, 2_000),
    BOB("bob", 400, 2_000),
    /** Each frame that it sends is an indirect chain of many descriptors. */
    DEAR("dear", 480, 4_000),
    /** Buffers of four descriptors in the queue's own table, both ways. */
    CHAINED("chained", 320, 4_000),
    /** Has a limit. */
    LIMITED("limited", 320, 4_000),
    /** Receive buffers of one byte a descriptor. */
    NARROW("narrow", 240, 4_000),
    SINK("sink", 440, 4_000);

    private static final int MTU = 1500;
    private static final int QUEUE_SIZE = 256;
    private static final int DEAR_DESCRIPTORS = 250;
    private static final int CHAIN = 4;
    private static final int NARROW_BUFFER_BYTES = 250;
    private static final String LIMIT = "rate: 200kpps, bandwidth: 1Gbps";

    private final String word;
    private final Duration runtime;
    private final Duration period;

    Guest(String word, int runtimeMicros, int periodMicros) {
        this.word = word;
        runtime = Duration.ofNanos(runtimeMicros * 1_000L);
        period = Duration.ofNanos(periodMicros * 1_000L);
    }

    /** All of them, in the order of their stations. */
    static List<Guest> all() {
        return List.of(values());
    }

    /** As it is called in the configuration. */
    String word() {
        return word;
    }

    @SuppressWarnings("EnumOrdinal") // any number will do, as long as it is its own
    private int number() {
        return ordinal() + 1;
    }

    MacAddress mac() {
        return Vm.address(number());
    }

    private Vm vm(Path folder) {
        return new Vm(word, number(), folder, runtime, period);
    }

    private Endpoint endpoint(Path folder) {
        Endpoint plain = vm(folder).sendingTo(number());
        QueueOptions chains = QueueOptions.ofSize(QUEUE_SIZE).withChains(CHAIN);
        return switch (this) {
            case DEAR -> plain.withDearFrames(DEAR_DESCRIPTORS);
            case CHAINED -> plain.withTransmit(chains).withReceive(chains);
            case NARROW -> plain.withOneByteDescriptors(NARROW_BUFFER_BYTES);
            default -> plain;
        };
    }

    /** How all of them attach. */
    static List<Endpoint> endpoints(Path folder) {
        return Stream.of(values()).map(guest -> guest.endpoint(folder)).toList();
    }

    /** The configuration of all of them. */
    static RingfenceFile configuration(Conditions conditions) {
        RingfenceFile file = conditions.file(MTU);
        for (Guest guest : values()) {
            file.vm(guest.vm(conditions.place().folder()));
            if (guest == LIMITED) {
                file.limit(LIMIT);
            }
        }
        return file;
    }
}
