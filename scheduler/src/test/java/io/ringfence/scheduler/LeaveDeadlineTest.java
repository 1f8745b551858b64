package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ringfence.scheduler.SchedulingAttributes.Policy;
import io.ringfence.testing.Await;
import io.ringfence.testing.LostRight;
import io.ringfence.testing.RequiresPartition;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a thread leaves behind when it gives SCHED_DEADLINE back. */
@RequiresPartition
@Timeout(60)
class LeaveDeadlineTest {
    private static final int CPU = RequiresPartition.CPU;
    private static final Reservation THREE_TENTHS = new Reservation(3_000_000, 10_000_000);
    /** Without the wait for the 0-lag time, some half of them were wrong. */
    private static final int ROUNDS = 10;

    private static final double PROBED_TO = 0.002;

    @Test
    void shouldLeaveTheKernelsSumRightWhenRootDomainsAreRebuiltAtOnce() throws Exception {
        double empty = residual();
        for (int round = 0; round < ROUNDS; round++) {
            try (var partition = CpuPartition.create(CPU);
                    var busy = new TestWorker(partition, stopped -> {
                        while (!stopped.getAsBoolean()) {
                            Thread.onSpinWait();
                        }
                    })) {
                ThreadScheduling.applyDeadline(busy.threadId(), THREE_TENTHS);
                busy.start();
                Await.until(
                        "the worker has used a whole runtime",
                        () -> busy.statistics().cpuNanos() > 2 * THREE_TENTHS.runtimeNanos());
            }

            assertThat(residual()).as("round %d", round).isCloseTo(empty, within(PROBED_TO));
        }
    }

    @Test
    void shouldHaveTheDefaultPolicyWhenItReturns() throws Exception {
        assertThat(policyAfter(() -> ThreadScheduling.leaveDeadline(new NativeThread())))
                .isEqualTo(Policy.OTHER);
    }

    @Test
    void shouldHaveTheDefaultPolicyWhenTheRightToSchedulingIsGone() throws Exception {
        assertThat(policyAfter(() -> {
                    LostRight.giveUp();
                    ThreadScheduling.leaveDeadline(new NativeThread());
                }))
                .isEqualTo(Policy.OTHER);
    }

    @Test
    void shouldEndAllTheSameWhenTheKernelRefuses() throws Exception {
        assertThat(policyAfter(() -> {
                    LostRight.giveUpWhenNice();
                    assertThatThrownBy(() -> ThreadScheduling.leaveDeadline(new NativeThread()))
                            .isInstanceOf(SchedulingRefusedException.class);
                    ThreadScheduling.leaveDeadlineToEnd(new NativeThread());
                }))
                .isEqualTo(Policy.DEADLINE);
    }

    /** The policy of a DEADLINE thread that has done this. */
    private static Policy policyAfter(Runnable step) throws Exception {
        var policy = new Policy[1];
        try (var partition = CpuPartition.create(CPU)) {
            try (var worker = new TestWorker(partition, _stopped -> {
                step.run();
                policy[0] = ThreadScheduling.read(NativeThread.currentId()).policy();
            })) {
                ThreadScheduling.applyDeadline(worker.threadId(), THREE_TENTHS);
                worker.start();
                worker.await();
            }
            awaitRelease();
        }
        return policy[0];
    }

    @Test
    void shouldSayNothingWhenAProbeMayNotGiveItsReservationBack() throws Exception {
        var thrown = new CopyOnWriteArrayList<Throwable>();
        var before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((_thread, failure) -> thrown.add(failure));
        try (var partition = CpuPartition.create(CPU)) {
            try (var probe = new ProbeThread(threadId -> {
                partition.admit(threadId);
                LostRight.giveUpWhenNice();
            })) {
                assertThat(ThreadScheduling.tryDeadline(probe.threadId(), THREE_TENTHS))
                        .isTrue();
            }
            awaitRelease();
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
        assertThat(thrown).isEmpty();
    }

    /** What a new partition takes, once whatever was still outstanding has come in. */
    private static double residual() throws InterruptedException {
        try (var partition = CpuPartition.create(CPU)) {
            awaitRelease();
            return AdmissionControl.probeResidual(partition);
        }
    }

    /** Nothing tells when the kernel has released bandwidth; it takes two periods at most. */
    private static void awaitRelease() throws InterruptedException {
        Thread.sleep(2 * THREE_TENTHS.periodNanos() / 1_000_000);
    }
}
