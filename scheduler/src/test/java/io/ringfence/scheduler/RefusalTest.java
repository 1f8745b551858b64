package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.scheduler.SchedulingRefusedException.Rule;
import io.ringfence.scheduler.linux.CpuList;
import io.ringfence.scheduler.linux.SchedAttr;
import java.nio.file.Path;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

/**
 * Refusals that cannot be provoked here, from circumstances as they would be: they take another kernel, or settings of the
 * whole host that other programs depend on.
 */
class RefusalTest {
    private static final int EPERM = 1;
    private static final int ESRCH = 3;
    private static final int E2BIG = 7;
    private static final int EBUSY = 16;
    private static final int EINVAL = 22;

    private static final SchedAttr DEADLINE =
            new SchedAttr(SchedAttr.SCHED_DEADLINE, 1, 0, 0, 100_000, 1_000_000, 1_000_000);
    private static final SchedAttr FIFO = new SchedAttr(SchedAttr.SCHED_FIFO, 1, 0, 50, 0, 0, 0);

    private static Circumstances usual() {
        return new Circumstances(
                true, false, 950_000, 0.95, 100, 4_194_304, cpus("0-3"), cpus("0-3"), 2, null, cpus("0-3"), null);
    }

    private static Circumstances thread(String allowed, String cpuset) {
        return new Circumstances(
                true,
                false,
                950_000,
                0.95,
                100,
                4_194_304,
                cpus("0-3"),
                cpus(allowed),
                cpus(allowed).nextSetBit(0),
                Path.of("/sys/fs/cgroup/box"),
                cpus(cpuset),
                null);
    }

    private static BitSet cpus(String list) {
        return CpuList.parse(list);
    }

    private static void assertRule(SchedAttr asked, int error, Circumstances now, Rule rule, String... parts) {
        SchedulingRefusedException refused = Refusal.of(77, asked, error, now);
        assertThat(refused.rule()).as(refused.getMessage()).isEqualTo(rule);
        assertThat(refused).hasMessageStartingWith("thread 77 cannot have ").hasMessageContainingAll(parts);
    }

    @Test
    void shouldNameTheRealtimeRuntimeNotProvokedBecauseTheWholeHostHasIt() {
        Circumstances off = new Circumstances(
                true, false, 0, 0, 100, 4_194_304, cpus("0-3"), cpus("0-3"), 2, null, cpus("0-3"), null);
        assertRule(DEADLINE, EPERM, off, Rule.REALTIME_RUNTIME, "sysctl -w kernel.sched_rt_runtime_us=950000");
    }

    @Test
    void shouldBlameTheUnknownWhenNothingForbidsItNotProvokedBecauseItTakesASecurityModule() {
        assertRule(DEADLINE, EPERM, usual(), Rule.UNKNOWN, "seccomp filter", "security module");
        assertRule(FIFO, EPERM, usual(), Rule.UNKNOWN, "CONFIG_RT_GROUP_SCHED with a version 2 cpu controller");
    }

    @Test
    void shouldTellACpusetFromAnAffinity() {
        assertRule(DEADLINE, EPERM, thread("0-1", "0-1"), Rule.CPUSET, "CPUs 0-1 only, of 0-3", "/sys/fs/cgroup/box");
        assertRule(DEADLINE, EPERM, thread("0", "0-1"), Rule.AFFINITY, "CPUs 0 only, of 0-3");
    }

    @Test
    void shouldBlameTheKernelWhenParametersAreInBoundsNotProvokedBecauseItTakesAnOldKernel() {
        assertRule(DEADLINE, EINVAL, usual(), Rule.UNKNOWN, "within the kernel's bounds");
    }

    @Test
    void shouldNameTheLimitThatTheHostHas() {
        Circumstances half = new Circumstances(
                true, false, 500_000, 0.5, 100, 4_194_304, cpus("0-3"), cpus("1"), 1, null, cpus("1"), null);
        assertRule(DEADLINE, EBUSY, half, Rule.ADMISSION, "on CPU 1.", "may reach 0.50 per CPU");
    }

    @Test
    void shouldKeepTheNumberOfAnErrorThatIsNotKnown() {
        assertRule(DEADLINE, E2BIG, usual(), Rule.UNKNOWN, "error number 7");
        assertRule(FIFO, ESRCH, usual(), Rule.NO_SUCH_THREAD, "it has ended");
    }
}
