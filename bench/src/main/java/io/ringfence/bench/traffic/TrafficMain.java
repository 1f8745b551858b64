package io.ringfence.bench.traffic;

import io.ringfence.scheduler.HousekeepingAffinity;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The process in which stations run, started by {@link TrafficProcess}.
 *
 * <p>The first line of standard input is a {@link Setup}; it says {@code attached} when all stations are. Then each line
 * is a {@link RunPlan}, answered by the lines of its {@link Report}s; all of them are JSON. Ends with its standard input,
 * so that it never outlives who started it.
 */
public final class TrafficMain {
    static final String ATTACHED = "attached";

    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final List<Station> stations = new ArrayList<>();

    /**
     * What the process is to be.
     *
     * @param niceness of the thread that drives the stations; the rest of the process keeps what it was started with
     * @param cpus the only ones that it may use; empty for those that it has inherited
     */
    record Setup(TrafficProcess.Idling idling, int niceness, List<Integer> cpus, List<Endpoint> endpoints) {}

    private TrafficMain() {}

    /** Runs until standard input ends; exit code 1 with a stack trace on standard error if anything fails. */
    public static void main(String[] arguments) {
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> fail(failure));
        try {
            TrafficMain main = new TrafficMain();
            Thread.ofPlatform().daemon().name("lines").start(main::readLines);
            main.serve(Json.MAPPER.readValue(main.lines.take(), Setup.class));
        } catch (IOException | InterruptedException | RuntimeException e) {
            fail(e);
        }
    }

    private static void fail(Throwable failure) {
        failure.printStackTrace(System.err);
        Runtime.getRuntime().halt(1);
    }

    private void readLines() {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                lines.add(line);
            }
        } catch (IOException e) {
            // As good as the end of it.
        }
        Runtime.getRuntime().halt(0);
    }

    private void serve(Setup setup) throws IOException, InterruptedException {
        if (!setup.cpus().isEmpty()) {
            BitSet cpus = new BitSet();
            setup.cpus().forEach(cpus::set);
            HousekeepingAffinity.confine(cpus);
        }
        for (Endpoint endpoint : setup.endpoints()) {
            stations.add(Station.attach(endpoint));
        }
        say(ATTACHED);
        // Two numbers for each run: its warm-up has one of its own.
        for (int number = 2; ; number += 2) {
            RunPlan plan = Json.MAPPER.readValue(lines.take(), RunPlan.class);
            new TrafficRun(stations, plan, number, setup).run(report -> say(Json.MAPPER.writeValueAsString(report)));
        }
    }

    private static void say(String line) {
        System.out.print(line + "\n");
        System.out.flush();
    }
}
