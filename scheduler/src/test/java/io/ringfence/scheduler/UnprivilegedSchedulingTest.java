package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ringfence.scheduler.SchedulingAttributes.Policy;
import io.ringfence.scheduler.SchedulingRefusedException.Rule;
import io.ringfence.scheduler.linux.CpuList;
import io.ringfence.scheduler.linux.Proc;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What needs neither rights nor a partition. */
@Timeout(60)
class UnprivilegedSchedulingTest {
    @Test
    void shouldTieAThreadToOneCpu() throws Exception {
        try (var worker = new TestWorker(_stopped -> {})) {
            int cpu = Proc.allowedCpus(worker.threadId()).length() - 1;
            ThreadScheduling.pin(worker.threadId(), cpu);
            assertThat(Proc.allowedCpus(worker.threadId())).isEqualTo(CpuList.of(cpu));
        }
    }

    @Test
    void shouldNameTheCpuThatAThreadCannotBeTiedTo() throws Exception {
        try (var worker = new TestWorker(_stopped -> {})) {
            assertThatExceptionOfType(SchedulingRefusedException.class)
                    .isThrownBy(() -> ThreadScheduling.pin(worker.threadId(), 4_000))
                    .withMessageContaining("cannot be confined to CPUs 4000")
                    .withMessageContaining("none of these CPUs is online")
                    .satisfies(refused -> assertThat(refused.rule()).isEqualTo(Rule.CPUSET));
        }
    }

    @Test
    void shouldReadBackIdle() throws Exception {
        try (var worker = new TestWorker(_stopped -> {})) {
            ThreadScheduling.applyIdle(worker.threadId());
            assertThat(ThreadScheduling.read(worker.threadId()))
                    .isEqualTo(new SchedulingAttributes(Policy.IDLE, false, false, 0, 0, 0, 0));
        }
    }
}
