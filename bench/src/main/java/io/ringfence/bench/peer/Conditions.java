package io.ringfence.bench.peer;

import io.ringfence.bench.traffic.Endpoint;
import io.ringfence.bench.traffic.TrafficProcess;
import java.time.Duration;
import java.util.List;

/**
 * How Ringfence is measured by itself.
 *
 * @param seconds how long each time
 * @param rung of the scheduling ladder that its workers are on, no other
 */
public record Conditions(Place place, double seconds, String rung) {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    /** The beginning of its configuration file. */
    public RingfenceFile file(int mtu) {
        return RingfenceFile.forCpu(place.switchCpu(), mtu).scheduling(rung);
    }

    /**
     * Starts it.
     *
     * @throws PeerException if this host refuses; says why
     */
    public RingfenceProcess start(RingfenceFile file, List<String> jvmOptions) {
        return RingfenceProcess.startOnRung(rung, place.folder(), jvmOptions, List.of(), file.text(), START_LIMIT);
    }

    /** The same with the JVM as it comes. */
    public RingfenceProcess start(RingfenceFile file) {
        return start(file, List.of());
    }

    /** Attaches the guests to it. */
    public TrafficProcess attach(List<Endpoint> endpoints) {
        return TrafficProcess.startOn(place.loadCpu(), endpoints);
    }
}
