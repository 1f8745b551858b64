package io.ringfence.dataplane.control;

import io.ringfence.scheduler.NativeThread;
import io.ringfence.scheduler.Reservation;
import io.ringfence.scheduler.SchedulingRefusedException;
import io.ringfence.scheduler.ThreadScheduling;
import io.ringfence.scheduler.linux.CpuList;
import io.ringfence.scheduler.linux.Proc;
import io.ringfence.scheduler.linux.SchedulerCalls;
import io.ringfence.testing.Await;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Other programs that hold SCHED_DEADLINE bandwidth, asleep, over all CPUs together, so that little is left for the
 * dataplane.
 *
 * <p>Each CPU has its share of them: when it becomes a partition, the kernel counts there those that sleep on it. They end with
 * their standard input, so that they never outlive this JVM.
 */
final class Hogs implements AutoCloseable {
    private static final Reservation TENTH = new Reservation(100_000_000, 1_000_000_000);

    private final List<Process> processes = new ArrayList<>();

    private Hogs() {}

    /** Takes what the kernel admits, then lets go of this share of a CPU. */
    static Hogs leaving(double share) throws IOException, InterruptedException {
        Hogs hogs = new Hogs();
        BitSet all = SchedulerCalls.getAffinity(NativeThread.currentId());
        int cpu = -1;
        boolean admitted;
        do {
            cpu = all.nextSetBit(cpu + 1) < 0 ? all.nextSetBit(0) : all.nextSetBit(cpu + 1);
            admitted = hogs.add(cpu, all);
        } while (admitted);
        for (int i = 0; i < Math.round(share / TENTH.share()); i++) {
            end(hogs.processes.removeLast());
        }
        return hogs;
    }

    private boolean add(int cpu, BitSet all) throws IOException, InterruptedException {
        Process hog = new ProcessBuilder("taskset", "--cpu-list", Integer.toString(cpu), "cat").start();
        processes.add(hog);
        int threadId = (int) hog.pid();
        awaitAsleep(threadId);
        // It sleeps through both, so that it stays where it is.
        if (SchedulerCalls.setAffinity(threadId, all) != 0) {
            throw new IOException("cannot let process " + threadId + " run on CPUs " + CpuList.format(all));
        }
        try {
            ThreadScheduling.applyDeadline(threadId, TENTH);
            return true;
        } catch (SchedulingRefusedException full) {
            end(processes.removeLast());
            return false;
        }
    }

    private static void awaitAsleep(int threadId) {
        Await.until(
                "process " + threadId + " sleeps",
                () -> Proc.status(threadId, "Name").equals(Optional.of("cat"))
                        && Proc.status(threadId, "State").orElse("").startsWith("S"));
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
