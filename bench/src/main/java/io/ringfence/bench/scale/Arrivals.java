package io.ringfence.bench.scale;

import io.ringfence.bench.peer.Conditions;
import io.ringfence.bench.peer.RingfenceProcess;
import io.ringfence.bench.scale.ScaleResult.Arrival;
import io.ringfence.bench.traffic.Report;
import io.ringfence.bench.traffic.Role;
import io.ringfence.bench.traffic.TrafficProcess;
import io.ringfence.vhostuser.frontend.EmbeddedGuest;
import io.ringfence.vhostuser.frontend.GuestOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The last VM comes and goes while all others exchange frames: into the configuration, which is read again, and as a guest
 * that attaches to its socket.
 *
 * <p>The generator yields its CPU here when it finds nothing, for the control plane of the switch needs it too.
 */
final class Arrivals {
    /** Of each of the others. */
    private static final Role.Stream STREAM = new Role.Stream(500, ScaleTrial.LENGTH_BYTES);

    private static final int TIMES = 3;

    private static final double SHORTEST_TRAFFIC_SECONDS = 4;

    /** So many times what all would take if each took as long as the one before the traffic. */
    private static final int AMPLE = 4;

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Lan lan;
    private final Conditions conditions;
    private final RingfenceProcess process;

    Arrivals(Lan lan, Conditions conditions, RingfenceProcess process) {
        this.lan = lan;
        this.conditions = conditions;
        this.process = process;
    }

    /** Measures; nothing with two VMs, where there are no others to exchange frames. */
    List<Arrival> measure() throws IOException {
        int others = lan.vms() - 1;
        if (others < 2) {
            return List.of();
        }
        reload(others);
        try (TrafficProcess generator =
                TrafficProcess.start(lan.endpoints(conditions.place(), others), TrafficProcess.Idling.YIELD)) {
            long startNanos = System.nanoTime();
            arrive(others); // a warm-up, of this process and of the switch
            double seconds = (System.nanoTime() - startNanos) / 1e9 * TIMES * AMPLE;
            BackgroundTraffic traffic = BackgroundTraffic.start(
                    generator, Math.max(seconds, SHORTEST_TRAFFIC_SECONDS), Lan.all(others, STREAM));
            List<long[]> times = new ArrayList<>();
            for (int i = 0; i < TIMES; i++) {
                times.add(arrive(others));
            }
            Report report = traffic.end();
            long lost = report.sent() - report.received();
            List<Arrival> arrivals = new ArrayList<>();
            for (long[] nanos : times) {
                arrivals.add(new Arrival(nanos[0], nanos[1], report.sent(), lost));
            }
            return arrivals;
        }
    }

    private long[] arrive(int others) throws IOException {
        long addNanos = reload(lan.vms()).toNanos();
        long startNanos = System.nanoTime();
        EmbeddedGuest guest = EmbeddedGuest.connect(lan.lastSocket(conditions.place()), GuestOptions.ofPairs(1));
        long attachNanos = System.nanoTime() - startNanos;
        guest.detach();
        guest.close();
        reload(others);
        return new long[] {addNanos, attachNanos};
    }

    private Duration reload(int present) {
        return process.reload(lan.configuration(conditions, present).text(), LIMIT);
    }
}
