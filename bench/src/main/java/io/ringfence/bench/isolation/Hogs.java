package io.ringfence.bench.isolation;

import io.ringfence.bench.traffic.Report;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Busy plain processes that have nothing to do with the switch: most of them bound to its CPU, as far as they are let there.
 *
 * <p>They end with {@link #close}, and by themselves some time later than the run, should nobody be left to end them.
 */
final class Hogs implements AutoCloseable {
    private static final int BOUND = 3;
    private static final long LONGER_SECONDS = 10;
    private static final List<String> BUSY = List.of("sh", "-c", "while :; do :; done");

    private final List<Process> processes = new ArrayList<>();
    private final int switchCpu;

    private Hogs(int switchCpu) {
        this.switchCpu = switchCpu;
    }

    /** Starts them. */
    static Hogs start(int switchCpu, double seconds) {
        Hogs hogs = new Hogs(switchCpu);
        String limit = Long.toString((long) seconds + LONGER_SECONDS);
        try {
            for (int i = 0; i < BOUND; i++) {
                hogs.add(List.of("timeout", limit, "taskset", "-c", Integer.toString(switchCpu)));
            }
            // The lowest priority, for this CPU is the generator's too, which has to keep its schedule.
            hogs.add(List.of("timeout", limit, "nice", "-n", "19"));
            return hogs;
        } catch (IOException e) {
            hogs.close();
            throw new UncheckedIOException("cannot start busy processes", e);
        }
    }

    private void add(List<String> prefix) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(BUSY);
        processes.add(new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    /** What became of them: those that were not let onto the CPU have ended at once. */
    Report.Operations outcome() {
        long ended = processes.stream()
                .limit(BOUND)
                .filter(process -> !process.isAlive())
                .count();
        return new Report.Operations(
                Aggressor.HOGS.word(),
                0,
                ended == 0
                        ? List.of()
                        : List.of("%d of %d processes were not let onto CPU %d".formatted(ended, BOUND, switchCpu)));
    }

    @Override
    public void close() {
        processes.forEach(Process::destroy);
        try {
            for (Process process : processes) {
                if (!process.waitFor(1, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
