package io.ringfence.bench.isolation;

import io.ringfence.bench.peer.Place;
import io.ringfence.bench.peer.Vm;
import io.ringfence.bench.traffic.Endpoint;
import java.time.Duration;

/**
 * A VM.
 *
 * @param word as it is called in configurations and reports
 * @param number distinguishes it from the others, from 1 on
 * @param peer the number of the VM to which its frames go, unless an aggressor says otherwise
 * @param runtime of its worker, each period
 */
record Guest(String word, Part part, int number, int peer, Duration runtime, Duration period) {
    static final int DEAR_DESCRIPTORS = 250;

    private static final long MICRO_NANOS = 1_000;

    /** What it is there for. */
    enum Part {
        VICTIM,
        RECEIVER,
        AGGRESSOR,
        /** An aggressor whose every frame is a chain of many descriptors. */
        DEAR,
        /** An aggressor that leaves large frames to others to be cut. */
        LARGE,
        /** An aggressor whose frames are like no guest's. */
        ODD,
        /** Where the aggressors' frames go. */
        SINK,
        /** The same with offloads. */
        LARGE_SINK;

        boolean isAggressor() {
            return this == AGGRESSOR || this == DEAR || this == LARGE || this == ODD;
        }
    }

    static Guest of(String word, Part part, int number, int peer, int runtimeMicros, int periodMicros) {
        return new Guest(
                word,
                part,
                number,
                peer,
                Duration.ofNanos(runtimeMicros * MICRO_NANOS),
                Duration.ofNanos(periodMicros * MICRO_NANOS));
    }

    boolean isAggressor() {
        return part.isAggressor();
    }

    /** The same as it is set up there. */
    Vm vm(Place place) {
        return new Vm(word, number, place.folder(), runtime, period);
    }

    /** How it attaches. */
    Endpoint endpoint(Place place) {
        Endpoint endpoint = vm(place).sendingTo(peer);
        return switch (part) {
            case DEAR -> endpoint.withDearFrames(DEAR_DESCRIPTORS);
            case ODD -> endpoint.withOffloads();
            case LARGE, LARGE_SINK -> endpoint.withLargeFrames();
            default -> endpoint;
        };
    }

    /** Its reservation, for people. */
    String reservation() {
        return "%s %d/%d us".formatted(word, runtime.toNanos() / MICRO_NANOS, period.toNanos() / MICRO_NANOS);
    }
}
