package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ringfence.scheduler.linux.Proc;
import io.ringfence.scheduler.linux.SchedulerCalls;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServiceThreadsTest {
    @Test
    void shouldFindCompilersAndTheVmThreadButNoThreadOfTheProgram() {
        List<String> names = ServiceThreads.threads()
                .map(threadId -> Proc.status(threadId, "Name").orElse("gone"))
                .toList();

        assertThat(names)
                .anyMatch(name -> name.startsWith("C1 Compiler"))
                .anyMatch(name -> name.startsWith("C2 Compiler"))
                .contains("VM Thread")
                .noneMatch(name -> name.startsWith("main") || name.startsWith("java"));
    }

    @Test
    void shouldGiveThemTheHighestPriorityOfTheDefaultPolicy() {
        assumeTrue(Proc.hasNiceCapability(), "needs CAP_SYS_NICE");
        int self = NativeThread.currentId();

        ServiceThreads.goFirst();
        try {
            assertThat(ServiceThreads.threads())
                    .isNotEmpty()
                    .allSatisfy(threadId -> assertThat(niceness(threadId)).isEqualTo(ServiceThreads.NICENESS));
            assertThat(niceness(self)).isZero();
        } finally {
            ServiceThreads.threads().forEach(ThreadScheduling::applyOther);
        }
    }

    private static int niceness(int threadId) {
        return SchedulerCalls.getAttributes(threadId).nice();
    }
}
