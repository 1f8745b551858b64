package io.ringfence.dataplane.path;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.delivery.Held;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.worker.WorkerCommand;
import io.ringfence.scheduler.Reservation;
import io.ringfence.testing.Await;
import io.ringfence.vhostuser.backend.DeviceState;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A worker sleeps while there is nothing to do, wakes up for everything there is, and allocates nothing meanwhile. */
@Timeout(120)
class WorkerTest {
    private static final int LONG_FRAME = 1514;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static long javaId(int member) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("worker-" + member))
                .mapToLong(Thread::threadId)
                .findAny()
                .orElseThrow();
    }

    private static void awaitBlocked(Workers workers, int member) {
        long blocks = workers.lan.count(member, Counter.BLOCKS);
        workers.lan.doorbell(member).event().signal();
        Await.spinning("the worker blocks", () -> workers.lan.count(member, Counter.BLOCKS) > blocks);
    }

    @Test
    void shouldUseNoTimeWhenNothingIsToBeDone() throws InterruptedException {
        try (Workers workers = new Workers(2)) {
            awaitBlocked(workers, 0);
            long thread = javaId(0);
            long cpu = 0;
            long blocks = -1;
            // Again if the signal that was to wake it came before it blocked: then it wakes up once more.
            for (int attempt = 0; attempt < 3 && blocks != 0; attempt++) {
                cpu = -threads.getThreadCpuTime(thread);
                blocks = -workers.lan.count(0, Counter.BLOCKS);
                TimeUnit.MILLISECONDS.sleep(500); // what is measured
                cpu += threads.getThreadCpuTime(thread);
                blocks += workers.lan.count(0, Counter.BLOCKS);
            }
            assertThat(blocks).as("it was not even woken").isZero();
            assertThat(cpu).isLessThan(1_000_000);
        }
    }

    @Test
    void shouldWakeUpWhenTheGuestKicks() {
        try (Workers workers = new Workers(2)) {
            for (int i = 1; i <= 50; i++) {
                long sent = i;
                awaitBlocked(workers, 0);
                workers.guests.get(0).send(1, 60);
                workers.guests.get(0).flush();
                Await.spinning("frame " + i, () -> workers.lan.count(1, Counter.RECEIVED_FRAMES) == sent);
            }
        }
    }

    @Test
    void shouldWakeUpWhenFramesAreHandedOffOrBuffersPosted() {
        try (Workers workers = new Workers(2)) {
            FlowGuest receiver = workers.guests.get(1);
            receiver.stopPosting();
            for (int i = 0; i < 400; i++) {
                if (!workers.guests.get(0).send(1, 60)) {
                    break;
                }
            }
            workers.guests.get(0).flush();
            Await.spinning("frames are handed off", () -> {
                receiver.receive(1024);
                workers.guests.get(0).send(1, 60);
                workers.guests.get(0).flush();
                return workers.lan.count(0, Counter.HANDED_OFF_FRAMES) > 0;
            });
            Await.spinning(
                    "the sender has got rid of all", () -> workers.guests.get(0).inFlight() == 0);
            Await.spinning(
                    "the receiver's worker blocks", () -> workers.lan.receive(1).starved());
            awaitBlocked(workers, 1);
            receiver.startPosting();
            Await.spinning("the backlog arrives", () -> {
                receiver.receive(1024);
                return receiver.received() == workers.guests.get(0).sent();
            });
            assertThat(workers.lan.drops()).isZero();
            assertThat(workers.violations).isEmpty();
        }
    }

    @Test
    void shouldSleepBetweenTriesWhenACommandWaitsForAClaim() {
        try (Workers workers = new Workers(2)) {
            awaitBlocked(workers, 0);
            Held.claim(workers.lan.receive(0), 1);
            CompletableFuture<Void> applied = new CompletableFuture<>();
            workers.submit(0, new WorkerCommand.Configure(DeviceState.empty(), () -> applied.complete(null)));
            Await.spinning("the command is tried", () -> !workers.lan.receive(0).open());
            long visits = workers.lan.count(0, Counter.VISITS);
            long begun = System.nanoTime();
            Await.spinning("it is tried again", () -> workers.lan.count(0, Counter.VISITS) > visits + 200);
            long nanos = System.nanoTime() - begun;
            assertThat(applied).isNotDone();
            Held.release(workers.lan.receive(0));
            applied.orTimeout(Workers.TIME_LIMIT_SECONDS, TimeUnit.SECONDS).join();
            assertThat(nanos / 200).as("time between two tries, in ns").isGreaterThan(10_000);
        }
    }

    @Test
    void shouldExecuteCommandsWhenIdleAndWhenBusy() {
        try (Workers workers = new Workers(2)) {
            awaitBlocked(workers, 0);
            answer(workers);
            CompletableFuture<Void> stop = new CompletableFuture<>();
            Thread flood = Thread.ofPlatform().start(() -> {
                while (!stop.isDone()) {
                    workers.guests.get(0).send(1, 60);
                    workers.guests.get(0).flush();
                    workers.guests.get(1).receive(64);
                }
            });
            Await.spinning("traffic flows", () -> workers.lan.count(1, Counter.RECEIVED_FRAMES) > 10_000);
            for (int i = 0; i < 20; i++) {
                answer(workers);
            }
            stop.complete(null);
            join(flood);
        }
    }

    private static void answer(Workers workers) {
        CompletableFuture<Void> answered = new CompletableFuture<>();
        workers.submit(0, new WorkerCommand.Answer(() -> answered.complete(null)));
        answered.orTimeout(Workers.TIME_LIMIT_SECONDS, TimeUnit.SECONDS).join();
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldAcknowledgeLateWhenTheControlThreadIsHeldUp() {
        try (Workers workers = new Workers(2)) {
            CountDownLatch heldUp = new CountDownLatch(1);
            workers.inbox.post(() -> awaitUninterruptibly(heldUp));
            while (workers.inbox.post(() -> {})) {
                Thread.onSpinWait();
            }
            List<Integer> answers = new CopyOnWriteArrayList<>();
            for (int i = 0; i < 10; i++) {
                int number = i;
                workers.submit(0, new WorkerCommand.Answer(() -> answers.add(number)));
            }
            workers.guests.get(0).send(1, 60);
            workers.guests.get(0).flush();
            Await.spinning("frames pass meanwhile", () -> workers.lan.count(1, Counter.RECEIVED_FRAMES) == 1);
            assertThat(answers).isEmpty();
            heldUp.countDown();
            Await.spinning("all answers arrive", () -> answers.size() == 10);
            assertThat(answers).isSorted();
            awaitBlocked(workers, 0);
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldEndWhenStoppedAtAnyMoment() {
        for (int i = 0; i < 60; i++) {
            Workers workers = new Workers(2);
            workers.guests.get(0).send(1, 60);
            workers.guests.get(0).flush();
            long until = System.nanoTime() + i * 2_000L;
            while (System.nanoTime() - until < 0) {
                Thread.onSpinWait();
            }
            workers.close(); // fails if a worker does not end
        }
    }

    @Test
    void shouldAllocateNothingWhenFramesGoStraightOrWaitInHandoffs() {
        try (Workers workers = new Workers(2)) {
            blockOften(workers);
            long handedOff = 0;
            long allocated = Long.MAX_VALUE;
            // Until all of it is compiled, also what is rare.
            for (int round = 0; round < 10 && allocated > 0; round++) {
                handedOff = workers.lan.count(0, Counter.HANDED_OFF_FRAMES);
                allocated = -allocatedBytes();
                carry(workers, 1_000_000);
                allocated += allocatedBytes();
            }
            assertThat(allocated)
                    .as("bytes allocated by both workers over a million frames")
                    .isZero();
            assertThat(workers.lan.count(0, Counter.HANDED_OFF_FRAMES) - handedOff)
                    .as("frames that went through the handoff")
                    .isGreaterThan(10_000);
        }
    }

    /** A call through a method handle allocates until it is compiled, and workers under load block rarely. */
    private static void blockOften(Workers workers) {
        Await.spinning("both workers have blocked often", () -> {
            workers.lan.doorbell(0).event().signal();
            workers.lan.doorbell(1).event().signal();
            LockSupport.parkNanos(1);
            return workers.lan.count(0, Counter.BLOCKS) > 15_000 && workers.lan.count(1, Counter.BLOCKS) > 15_000;
        });
    }

    private long allocatedBytes() {
        return threads.getThreadAllocatedBytes(javaId(0)) + threads.getThreadAllocatedBytes(javaId(1));
    }

    /** Sends frames from 0 to 1; now and then the receiver reads late, so that its backlog grows. */
    private static void carry(Workers workers, long frames) {
        FlowGuest sender = workers.guests.get(0);
        FlowGuest receiver = workers.guests.get(1);
        long until = workers.lan.count(0, Counter.TRANSMITTED_FRAMES) + frames;
        for (long done = 0; done < until; done = workers.lan.count(0, Counter.TRANSMITTED_FRAMES)) {
            for (int n = 0; n < 32; n++) {
                sender.send(1, n == 0 ? LONG_FRAME : 60);
            }
            sender.flush();
            if ((done / 8192) % 4 != 0) {
                receiver.receive(64);
            }
        }
        Await.spinning("the backlog is gone", () -> {
            receiver.receive(1024);
            return !workers.lan.receive(1).backlogged();
        });
    }

    @Test
    void shouldGoOnCountingItsOverrunsWhenItGetsAnotherReservation() {
        AtomicLong updateNanos = new AtomicLong();
        WorkerCommand.Meter meter = new WorkerCommand.Meter(new Reservation(2_000_000, 10_000_000), 20_000, false);
        try (Workers workers =
                new Workers(Lan.withCounters(2, (values, id) -> new SlowCounter(values, id, updateNanos)))) {
            workers.submit(0, meter);
            updateNanos.set(4_000_000);
            visitUntil(workers, "it overruns", () -> workers.lan.count(0, Counter.THROTTLES) > 0);
            updateNanos.set(0);
            awaitBlocked(workers, 0);
            long throttles = workers.lan.count(0, Counter.THROTTLES);
            long yields = workers.lan.count(0, Counter.YIELDS);

            workers.submit(0, meter);
            visitUntil(workers, "it yields to begin with", () -> workers.lan.count(0, Counter.YIELDS) > yields);
            awaitBlocked(workers, 0);

            assertThat(workers.lan.count(0, Counter.THROTTLES)).isGreaterThanOrEqualTo(throttles);
        }
    }

    private static void visitUntil(Workers workers, String what, BooleanSupplier condition) {
        Await.spinning(what, () -> {
            workers.guests.get(0).send(1, 60);
            workers.guests.get(0).flush();
            return condition.getAsBoolean();
        });
    }
}
