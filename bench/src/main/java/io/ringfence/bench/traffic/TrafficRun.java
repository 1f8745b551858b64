package io.ringfence.bench.traffic;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/**
 * One run of all stations of a process: drives them on threads of its own and reports once a second.
 *
 * <p>With fewer than two CPUs to spare one thread drives all stations in turns: two polling threads on one CPU would
 * wait for each other's time slices, and that is not what is to be measured.
 */
final class TrafficRun {
    private static final long INTERVAL_NANOS = 1_000_000_000L;
    /** How long frames still on their way are waited for. */
    private static final long DRAIN_NANOS = 100_000_000L;
    /** Long enough for the threads to be up before the first frame is due. */
    private static final long LEAD_NANOS = 5_000_000L;

    private final List<Station> stations;
    private final boolean yielding;
    private final long startNanos = System.nanoTime() + LEAD_NANOS;
    private final long endNanos;
    private final List<FlowCounts> reported = new ArrayList<>();
    private final List<Histogram> latencies = new ArrayList<>();
    private long reportedNanos = startNanos;

    /**
     * Gives every station its role.
     *
     * @param number different from that of the runs before
     * @param yielding whether a driver that finds nothing lets other threads run on its CPU
     */
    TrafficRun(List<Station> stations, List<Role> roles, int number, long durationNanos, boolean yielding) {
        if (roles.size() != stations.size()) {
            throw new IllegalArgumentException("roles=%d stations=%d".formatted(roles.size(), stations.size()));
        }
        this.stations = stations;
        this.yielding = yielding;
        endNanos = startNanos + durationNanos;
        for (int i = 0; i < stations.size(); i++) {
            stations.get(i).begin(roles.get(i), number, startNanos);
            reported.add(FlowCounts.NONE);
            latencies.add(new Histogram(3));
        }
    }

    /** Runs to the end; reports go to the consumer, on this thread, the last one of the whole run. */
    void run(Consumer<Report> reports) throws InterruptedException {
        List<Thread> drivers = startDrivers();
        for (long at = startNanos + INTERVAL_NANOS; at <= endNanos; at += INTERVAL_NANOS) {
            TimeUnit.NANOSECONDS.sleep(at - System.nanoTime());
            reports.accept(interval(System.nanoTime()));
        }
        for (Thread driver : drivers) {
            driver.join();
        }
        reports.accept(whole());
    }

    private List<Thread> startDrivers() {
        boolean apart = Runtime.getRuntime().availableProcessors() > stations.size();
        List<Thread> drivers = new ArrayList<>();
        if (apart) {
            for (Station station : stations) {
                drivers.add(Thread.ofPlatform()
                        .name("station-" + station.name())
                        .start(() -> drive(new Station[] {station})));
            }
        } else {
            drivers.add(Thread.ofPlatform().name("stations").start(() -> drive(stations.toArray(Station[]::new))));
        }
        return drivers;
    }

    @SuppressWarnings("ThreadPriorityCheck") // the frames come from threads that share this CPU
    private void drive(Station[] driven) {
        long busyUntil = endNanos;
        // Ends by a look that finds nothing, not by the clock alone: this thread may have been held up meanwhile.
        while (true) {
            long now = System.nanoTime();
            int frames = 0;
            for (Station station : driven) {
                frames += now < startNanos ? 0 : station.turn(now, endNanos);
            }
            if (frames > 0) {
                busyUntil = Math.max(now, endNanos);
                continue;
            }
            if (now - busyUntil >= DRAIN_NANOS) {
                return;
            }
            if (yielding) {
                Thread.yield();
            } else {
                Thread.onSpinWait();
            }
        }
    }

    private Report interval(long nowNanos) {
        List<Report.Flow> flows = new ArrayList<>();
        for (int i = 0; i < stations.size(); i++) {
            Station station = stations.get(i);
            FlowCounts counts = station.counts();
            flows.add(new Report.Flow(
                    station.name(), counts.since(reported.get(i)), Latencies.of(addLatencies(i, station))));
            reported.set(i, counts);
        }
        double seconds = (nowNanos - reportedNanos) / 1e9;
        reportedNanos = nowNanos;
        return new Report(false, seconds, flows);
    }

    private Report whole() {
        List<Report.Flow> flows = new ArrayList<>();
        for (int i = 0; i < stations.size(); i++) {
            Station station = stations.get(i);
            addLatencies(i, station);
            flows.add(new Report.Flow(station.name(), station.counts(), Latencies.of(latencies.get(i))));
        }
        return new Report(true, (endNanos - startNanos) / 1e9, flows);
    }

    private Histogram addLatencies(int i, Station station) {
        Histogram recent = station.takeLatencies();
        latencies.get(i).add(recent);
        return recent;
    }
}
