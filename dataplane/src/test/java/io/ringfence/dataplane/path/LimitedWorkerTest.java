package io.ringfence.dataplane.path;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.port.SendLimit;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.worker.WorkerCommand;
import io.ringfence.testing.Await;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The worker of a VM with a limit comes back for what waits, neither too often nor too late. */
@Timeout(120)
class LimitedWorkerTest {
    /** Bytes: a native call made three times a second is never compiled here, and then allocates 40; a visit that did would come to more. */
    private static final long A_FEW_CALLS = 1_000;

    private static Workers workers(long framesPerSecond, int burst) {
        return new Workers(
                Lan.withLimit(2, 0, new SendLimit(framesPerSecond, 0, burst, Lan.MAX_FRAME_LENGTH, System.nanoTime())));
    }

    private static void send(Workers workers, int from, int frames) {
        for (int i = 0; i < frames; i++) {
            assertThat(workers.guests.get(from).send(1 - from, 60)).isTrue();
        }
        workers.guests.get(from).flush();
    }

    @Test
    void shouldSendWhatWaitsWithoutFurtherKicksAndHardlyWakeUpMeanwhile() {
        try (Workers workers = workers(200, 10)) {
            long start = System.nanoTime();
            send(workers, 0, 100);
            long visits = workers.lan.count(0, Counter.VISITS);
            Await.spinning("all arrive", () -> workers.lan.count(1, Counter.RECEIVED_FRAMES) == 100);
            Duration taken = Duration.ofNanos(System.nanoTime() - start);
            assertThat(taken).as("90 frames at 200 a second").isGreaterThanOrEqualTo(Duration.ofMillis(450));
            assertThat(workers.lan.count(0, Counter.VISITS) - visits)
                    .as("visits, of which pacing would need %d", taken.toNanos() / 20_000)
                    .isLessThan(1_000);
            assertThat(workers.lan.drops()).isZero();
            assertThat(workers.violations).isEmpty();
        }
    }

    @Test
    void shouldAnswerAndTakeInWhatIsHandedOffWhileItsOwnFramesWait() {
        try (Workers workers = workers(1, 1)) {
            send(workers, 0, 100);
            Await.spinning("frames are held back", () -> workers.lan.count(0, Counter.LIMITED_VISITS) > 0);
            long start = System.nanoTime();
            CompletableFuture<Void> answered = new CompletableFuture<>();
            workers.submit(0, new WorkerCommand.Answer(() -> answered.complete(null)));
            answered.orTimeout(Workers.TIME_LIMIT_SECONDS, TimeUnit.SECONDS).join();
            workers.guests.get(0).stopPosting();
            Await.spinning("frames for it are handed off", () -> {
                workers.guests.get(0).receive(1024);
                workers.guests.get(1).send(0, 60);
                workers.guests.get(1).flush();
                return workers.lan.count(1, Counter.HANDED_OFF_FRAMES) > 0;
            });
            workers.guests.get(0).startPosting();
            Await.spinning("they arrive", () -> {
                workers.guests.get(0).receive(1024);
                return workers.guests.get(0).received() == workers.guests.get(1).sent();
            });
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .as("its own frames would need 100 s")
                    .isLessThan(Duration.ofSeconds(50));
            assertThat(workers.violations).isEmpty();
        }
    }

    @Test
    void shouldApplyANewStateAndEndWhileFramesWait() {
        try (Workers workers = workers(1, 1)) {
            send(workers, 0, 100);
            Await.spinning("frames are held back", () -> workers.lan.count(0, Counter.LIMITED_VISITS) > 0);
            workers.configure(0, workers.guests.get(0).continued());
            long visits = workers.lan.count(0, Counter.LIMITED_VISITS);
            Await.spinning("and still are", () -> workers.lan.count(0, Counter.LIMITED_VISITS) > visits);
            assertThat(workers.guests.get(0).inFlight()).isGreaterThan(50);
        } // closing fails if the worker does not end
    }

    @Test
    void shouldAllocateNothingWhileItHoldsFramesBack() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Workers workers = workers(200_000, 20)) {
            long worker = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().equals("worker-0"))
                    .mapToLong(Thread::threadId)
                    .findAny()
                    .orElseThrow();
            long allocated = Long.MAX_VALUE;
            long limited = 0;
            // Until all of it is compiled.
            for (int round = 0; round < 30 && allocated >= A_FEW_CALLS; round++) {
                allocated = -threads.getThreadAllocatedBytes(worker);
                limited = -workers.lan.count(0, Counter.LIMITED_VISITS);
                long until = workers.lan.count(1, Counter.RECEIVED_FRAMES) + 200_000;
                Await.spinning("frames arrive", () -> {
                    while (workers.guests.get(0).send(1, 60)) {}
                    workers.guests.get(0).flush();
                    workers.guests.get(1).receive(1024);
                    return workers.lan.count(1, Counter.RECEIVED_FRAMES) >= until;
                });
                allocated += threads.getThreadAllocatedBytes(worker);
                limited += workers.lan.count(0, Counter.LIMITED_VISITS);
            }
            assertThat(allocated).as("bytes allocated by the worker").isLessThan(A_FEW_CALLS);
            assertThat(limited).as("visits that held something back").isGreaterThan(1_000);
        }
    }
}
