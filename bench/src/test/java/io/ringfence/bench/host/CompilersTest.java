package io.ringfence.bench.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class CompilersTest {
    private static final Compilers OWN = new Compilers(ProcessHandle.current().pid());

    @Test
    void shouldCountOnlyTheCompilers() throws InterruptedException {
        long compilers = OWN.awaitRest();
        assertThat(compilers)
                .isPositive()
                .isLessThan(ProcessCpuTime.nanos(ProcessHandle.current().pid()));
    }

    @Test
    void shouldFindNoneInAProcessThatIsNoJvm() throws Exception {
        Process process = new ProcessBuilder(List.of("sleep", "20")).start();
        try {
            assertThat(new Compilers(process.pid()).awaitRest()).isZero();
        } finally {
            process.destroy();
        }
    }
}
