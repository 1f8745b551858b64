package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.scheduler.SchedulingAttributes.Policy;
import io.ringfence.scheduler.linux.Proc;
import io.ringfence.scheduler.linux.SchedulerCalls;
import io.ringfence.testing.Requirement;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HousekeepingPriorityTest {
    @Test
    void shouldRaiseThisThreadTheJvmsAndThoseThatComeLaterButNoWorker() throws Exception {
        Requirement.of(Proc.hasNiceCapability(), "needs CAP_SYS_NICE");
        try (TestWorker worker = new TestWorker(_stopped -> {})) {
            ThreadScheduling.applyFifo(worker.threadId(), 1);

            HousekeepingPriority.raise();

            assertThat(niceness(NativeThread.currentId())).isEqualTo(HousekeepingPriority.NICENESS);
            assertThat(niceness(VmThread.threadId().orElseThrow())).isEqualTo(HousekeepingPriority.NICENESS);
            AtomicInteger later = new AtomicInteger();
            Thread.ofPlatform()
                    .start(() -> later.set(niceness(NativeThread.currentId())))
                    .join();
            assertThat(later).hasValue(HousekeepingPriority.NICENESS);
            assertThat(ThreadScheduling.read(worker.threadId()).policy()).isEqualTo(Policy.FIFO);
        } finally {
            HousekeepingPriority.give(0);
        }
    }

    private static int niceness(int threadId) {
        return SchedulerCalls.getAttributes(threadId).nice();
    }
}
