package io.ringfence.dataplane.control;

import io.ringfence.scheduler.HousekeepingAffinity;
import io.ringfence.scheduler.SchedulingAttributes.Policy;
import io.ringfence.scheduler.ThreadScheduling;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Other programs that hold SCHED_DEADLINE bandwidth, asleep, over all CPUs together, so that little is left for the
 * dataplane; by chrt of util-linux.
 */
final class Hogs implements AutoCloseable {
    private static final double EACH = 0.1;
    private static final String[] COMMAND = {
        "chrt",
        "--deadline",
        "--sched-runtime",
        "100000",
        "--sched-deadline",
        "1000000",
        "--sched-period",
        "1000000",
        "0",
        "sleep",
        "600"
    };

    private final List<Process> processes = new ArrayList<>();

    private Hogs() {}

    /** Takes what the kernel admits, then lets go of this share of a CPU. */
    static Hogs leaving(double share) throws IOException, InterruptedException {
        HousekeepingAffinity.release(); // children inherit the affinity of this thread
        Hogs hogs = new Hogs();
        Process hog = new ProcessBuilder(COMMAND).start();
        while (isAdmitted(hog)) {
            hogs.processes.add(hog);
            hog = new ProcessBuilder(COMMAND).start();
        }
        for (int i = 0; i < Math.round(share / EACH); i++) {
            end(hogs.processes.removeLast());
        }
        return hogs;
    }

    private static boolean isAdmitted(Process hog) throws InterruptedException {
        while (!hog.waitFor(1, TimeUnit.MILLISECONDS)) {
            try {
                if (ThreadScheduling.read((int) hog.pid()).policy() == Policy.DEADLINE) {
                    return true;
                }
            } catch (IllegalArgumentException ended) {
                return false;
            }
        }
        return false;
    }

    int count() {
        return processes.size();
    }

    private static void end(Process hog) {
        hog.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        processes.forEach(Hogs::end);
    }
}
