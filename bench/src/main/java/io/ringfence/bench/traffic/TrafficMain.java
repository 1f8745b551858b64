package io.ringfence.bench.traffic;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The process in which stations run: {@code TrafficMain spin|yield STATION...}, started by {@link TrafficProcess}.
 *
 * <p>Says {@code attached} when all stations are. Then each line {@code run SECONDS ROLE...} on standard input, with a
 * role for each station, is a run, answered by the lines of its {@link Report}s. Ends with its standard input, so that
 * it never outlives who started it.
 */
public final class TrafficMain {
    static final String ATTACHED = "attached";

    private static final String RUN = "run";

    private final BlockingQueue<String> commands = new LinkedBlockingQueue<>();
    private final List<Station> stations = new ArrayList<>();
    private final boolean yielding;
    private int runs;

    private TrafficMain(boolean yielding) {
        this.yielding = yielding;
    }

    /** Runs until standard input ends; exit code 1 with a stack trace on standard error if anything fails. */
    public static void main(String[] arguments) {
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> fail(failure));
        try {
            TrafficMain main = new TrafficMain(arguments[0].equals("yield"));
            Thread.ofPlatform().daemon().name("commands").start(main::readCommands);
            main.serve(Arrays.stream(arguments).skip(1).map(Endpoint::parse).toList());
        } catch (IOException | InterruptedException | RuntimeException e) {
            fail(e);
        }
    }

    private static void fail(Throwable failure) {
        failure.printStackTrace(System.err);
        Runtime.getRuntime().halt(1);
    }

    private void readCommands() {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                commands.add(line);
            }
        } catch (IOException e) {
            // As good as the end of it.
        }
        Runtime.getRuntime().halt(0);
    }

    private void serve(List<Endpoint> endpoints) throws IOException, InterruptedException {
        for (Endpoint endpoint : endpoints) {
            stations.add(Station.attach(endpoint));
        }
        say(ATTACHED);
        while (true) {
            run(commands.take());
        }
    }

    private void run(String command) throws InterruptedException {
        String[] words = command.split(" ", -1);
        if (!words[0].equals(RUN) || words.length != 2 + stations.size()) {
            throw new IllegalArgumentException("\"%s\": expected \"run SECONDS\" and a role for each of %d stations"
                    .formatted(command, stations.size()));
        }
        List<Role> roles = Arrays.stream(words).skip(2).map(Role::parse).toList();
        long durationNanos = (long) (Double.parseDouble(words[1]) * 1e9);
        new TrafficRun(stations, roles, ++runs, durationNanos, yielding).run(report -> say(report.toLine()));
    }

    /** The command for a run. */
    static String runCommand(double seconds, List<Role> roles) {
        List<String> words = new ArrayList<>(List.of(RUN, Double.toString(seconds)));
        roles.forEach(role -> words.add(role.toString()));
        return String.join(" ", words);
    }

    private static void say(String line) {
        System.out.print(line + "\n");
        System.out.flush();
    }
}
