package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ringfence.scheduler.SchedulingAttributes.Policy;
import io.ringfence.testing.Await;
import io.ringfence.testing.RequiresPartition;
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
        try (var partition = CpuPartition.create(CPU)) {
            var policy = new Policy[1];
            try (var worker = new TestWorker(partition, _stopped -> {
                ThreadScheduling.leaveDeadline(new NativeThread());
                policy[0] = ThreadScheduling.read(NativeThread.currentId()).policy();
            })) {
                ThreadScheduling.applyDeadline(worker.threadId(), THREE_TENTHS);
                worker.start();
                worker.await();
            }
            assertThat(policy[0]).isEqualTo(Policy.OTHER);
        }
    }

    /** What a new partition takes, once whatever was still outstanding has come in. */
    private static double residual() throws InterruptedException {
        try (var partition = CpuPartition.create(CPU)) {
            Thread.sleep(2 * THREE_TENTHS.periodNanos() / 1_000_000);
            return AdmissionControl.probeResidual(partition);
        }
    }
}
