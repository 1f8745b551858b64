package io.ringfence.bench.forwarding;

import io.ringfence.bench.forwarding.ForwardingResult.Latency;
import io.ringfence.bench.forwarding.ForwardingResult.SystemResult;
import io.ringfence.bench.peer.Place;
import io.ringfence.bench.peer.SwitchProcess;
import io.ringfence.bench.traffic.Assignment;
import io.ringfence.bench.traffic.Report;
import io.ringfence.bench.traffic.Role;
import io.ringfence.bench.traffic.RunPlan;
import io.ringfence.bench.traffic.TrafficProcess;
import java.util.ArrayList;
import java.util.List;

/**
 * One round of one system's latency one way: started, measured at parts of what was carried, with plain frames of every length, and ended.
 *
 * <p>What all systems carried must be known before.
 */
final class LatencyTrial {
    private static final Assignment SINK = Assignment.of(new Role.Sink());

    private final ForwardingTrial.Options options;
    private final Place place;
    private final List<SystemResult> carried;

    /**
     * Prepares for systems of which this is known.
     *
     * @param carried what each system carried
     */
    LatencyTrial(ForwardingTrial.Options options, Place place, List<SystemResult> carried) {
        this.options = options;
        this.place = place;
        this.carried = List.copyOf(carried);
    }

    /** Measures a system. */
    List<Latency> run(SystemResult system) throws Exception {
        Guests guests = Guests.at(place, system.candidate().rings());
        List<Latency> latencies = new ArrayList<>();
        try (SwitchProcess running = system.system().start(guests, place, false);
                TrafficProcess generator = TrafficProcess.startOn(place.loadCpu(), guests.endpoints())) {
            new Preparation(running, generator).byStreams(options.plainLengths());
            for (int lengthBytes : options.plainLengths()) {
                for (PartLoad load : PartLoad.values()) {
                    latencies.add(measure(
                            generator,
                            load,
                            lengthBytes,
                            load.perSecond(system.carriedOneWay(lengthBytes), least(lengthBytes))));
                }
            }
        } finally {
            guests.removeSockets();
        }
        return latencies;
    }

    private double least(int lengthBytes) {
        return carried.stream()
                .mapToDouble(system -> system.carriedOneWay(lengthBytes))
                .min()
                .orElseThrow();
    }

    private Latency measure(TrafficProcess generator, PartLoad load, int lengthBytes, int perSecond) {
        Assignment stream = Assignment.of(new Role.Stream(perSecond, lengthBytes));
        Report report = generator.run(RunPlan.of(
                options.seconds(), options.seconds(), List.of(stream.whileObserved(), SINK.whileObserved())));
        Report.Flow flow = report.from("a");
        return new Latency(load, lengthBytes, perSecond, flow.histogram(), flow.counts(), report.disturbances());
    }
}
