package io.ringfence.bench.claiming;

import io.ringfence.bench.claiming.ClaimingResult.Cell;
import io.ringfence.bench.claiming.PlayedGuest.Receiving;
import io.ringfence.bench.host.BenchmarkCpus;
import io.ringfence.bench.host.Niceness;
import io.ringfence.scheduler.NativeThread;
import io.ringfence.scheduler.ThreadScheduling;
import io.ringfence.vhostuser.frontend.QueueOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** One arrangement of senders with one way of claiming, once: threads that run for a time, and what they got done. */
final class Contest {
    private static final int QUEUE_ENTRIES = 256;
    private static final int VICTIM_PRIORITY = 1;
    private static final double WARM_UP_SECONDS = 0.05;
    private static final long SETTLE_NANOS = 5_000_000_000L;

    private final Arrangement arrangement;
    private final int lengthBytes;
    private final BenchmarkCpus cpus;
    private final Receiving receiver = new Receiving(QueueOptions.ofSize(QUEUE_ENTRIES));
    private final Inbox inbox;
    private final List<Party> parties = new ArrayList<>();
    private volatile Phase phase = Phase.WARMING_UP;
    private volatile boolean ended;
    private volatile @Nullable Throwable failure;

    private Contest(Way way, Arrangement arrangement, int lengthBytes, BenchmarkCpus cpus) {
        this.arrangement = arrangement;
        this.lengthBytes = lengthBytes;
        this.cpus = cpus;
        inbox = new Inbox(receiver, arrangement.preempts());
        List<Sender> senders = way.senders(arrangement.senders(), arrangement.spread(), receiver);
        for (int i = 0; i < senders.size(); i++) {
            parties.add(new Party(i, lengthBytes, i == 1 && arrangement.preempts(), senders.get(i)));
        }
    }

    /**
     * Measures.
     *
     * @throws io.ringfence.scheduler.SchedulingRefusedException if the kernel does not let one thread preempt another
     */
    static Cell run(Way way, Arrangement arrangement, int lengthBytes, BenchmarkCpus cpus, double seconds)
            throws InterruptedException {
        Contest contest = new Contest(way, arrangement, lengthBytes, cpus);
        try {
            return contest.run(seconds);
        } finally {
            contest.parties.forEach(Party::close);
            contest.receiver.close();
        }
    }

    private Cell run(double seconds) throws InterruptedException {
        List<Thread> senders = new ArrayList<>();
        for (int i = 0; i < parties.size(); i++) {
            Party party = parties.get(i);
            boolean second = i == 1;
            senders.add(start(() -> {
                pin(second && arrangement.spread() ? cpus.load() : cpus.dataplane());
                if (second && arrangement.preempts()) {
                    ThreadScheduling.applyFifo(NativeThread.currentId(), VICTIM_PRIORITY);
                }
                party.run(() -> phase, inbox, arrangement.guestInTurns());
            }));
        }
        List<Thread> guest = arrangement.guestInTurns() ? List.of() : List.of(start(this::playGuest));
        sleep(WARM_UP_SECONDS);
        phase = Phase.MEASURING;
        long startNanos = System.nanoTime();
        sleep(seconds);
        phase = Phase.OVER;
        long nanos = System.nanoTime() - startNanos;
        join(senders);
        settle();
        ended = true;
        join(guest);
        Throwable thrown = failure;
        if (thrown instanceof RuntimeException exception) {
            throw exception;
        }
        if (thrown != null) {
            throw new IllegalStateException(thrown);
        }
        return cell(nanos);
    }

    private void playGuest() {
        pin(cpus.load());
        Niceness.takeOn(Niceness.BEFORE_OTHERS); // else whatever runs there is in the latencies
        while (!ended && failure == null) {
            inbox.tryPoll(phase);
        }
    }

    private Thread start(Runnable work) {
        return Thread.ofPlatform().daemon().start(() -> {
            try {
                work.run();
            } catch (RuntimeException | Error thrown) {
                failure = thrown;
            }
        });
    }

    private static void join(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static void pin(int cpu) {
        ThreadScheduling.pin(NativeThread.currentId(), cpu);
    }

    private void sleep(double seconds) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep((long) (seconds * 1e9));
    }

    /** Everything that was sent has to arrive. */
    private void settle() {
        long startNanos = System.nanoTime();
        while (failure == null && !allArrived()) {
            parties.getFirst().settle();
            inbox.tryPoll(Phase.OVER);
            if (System.nanoTime() - startNanos > SETTLE_NANOS) {
                throw new IllegalStateException("%s: frames of %d bytes were lost".formatted(arrangement, lengthBytes));
            }
        }
    }

    private boolean allArrived() {
        for (int i = 0; i < parties.size(); i++) {
            if (inbox.received(i) != parties.get(i).taken()) {
                return false;
            }
        }
        return true;
    }

    private long sum(ToLongFunction<Party> value) {
        return parties.stream().mapToLong(value).sum();
    }

    private Cell cell(long nanos) {
        long frames = sum(Party::measuredFrames);
        Party last = parties.getLast();
        Histogram latencies = inbox.latencies();
        return new Cell(
                arrangement,
                lengthBytes,
                inbox.measured() / (nanos / 1e9),
                each(1, sum(Party::measuredNanos), frames),
                each(1, sum(Party::cpuNanos), frames),
                micros(latencies, 50),
                micros(latencies, 99),
                micros(latencies, 99.9),
                micros(latencies, 100),
                each(1e3, sum(Party::missed), sum(Party::measuredBatches)),
                each(100, sum(Party::leftToOthers), frames),
                each(100, last.leftToOthers(), last.measuredFrames()));
    }

    /** Not a number of nothing. */
    static double each(double unit, long total, long count) {
        return count == 0 ? Double.NaN : unit * total / count;
    }

    /** Not a number if there was no sample. */
    static double micros(Histogram nanoseconds, double percentile) {
        return nanoseconds.getTotalCount() == 0 ? Double.NaN : nanoseconds.getValueAtPercentile(percentile) / 1e3;
    }
}
