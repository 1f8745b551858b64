package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.scheduler.linux.Proc;
import io.ringfence.testing.Requirement;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class VmThreadTest {
    @Test
    void shouldFindTheThreadInThisJvm() {
        assertThat(VmThread.threadId()).isPresent();
    }

    @Test
    void shouldTakeTheSlackFromItsTimersWhereTheKernelLetsIt() throws Exception {
        Requirement.of(Proc.hasNiceCapability(), "needs CAP_SYS_NICE");

        assertThat(VmThread.sleepPrecisely()).isTrue();

        assertThat(Files.readString(VmThread.slack(VmThread.threadId().orElseThrow())))
                .isEqualToIgnoringNewLines("1");
    }
}
