package io.ringfence.scheduler.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Errors of cgroup files in words. Most take a host in a certain state; that their words are the kernel's is shown for one. */
class CgroupRuleTest {
    @ParameterizedTest
    @CsvSource({
        "cpuset.cpus, Read-only file system, run Ringfence on the host",
        "cpuset.cpus, Permission denied, a group has no CPU that the group above lacks",
        "cgroup.type, Permission denied, Delegate=yes",
        "tasks, Device or resource busy, move it first",
        "cgroup.threads, Device or resource busy, move it first",
        "cgroup.subtree_control, Device or resource busy, a unit of its own",
        "cpuset.cpus, Device or resource busy, would no longer fit",
        "tasks, Invalid argument, not be moved",
        "cpuset.cpu_exclusive, Invalid argument, one of both is exclusive",
        "tasks, No space left on device, no CPUs or no memory nodes",
        "cgroup.threads, Operation not supported, threaded subtree"
    })
    void shouldNameTheRule(String file, String reason, String part) {
        assertThat(CgroupRule.explain(file, reason)).startsWith("; ").contains(part);
    }

    @Test
    void shouldAddNothingToWhatItDoesNotKnow() {
        assertThat(CgroupRule.explain("tasks", "Numerical result out of range")).isEmpty();
    }

    @Test
    void shouldKnowTheWordsThatTheLibraryGives() {
        Path settings = Path.of("/proc/sys/kernel");
        assertThatThrownBy(() ->
                        new CgroupFiles(settings).write(settings, "sched_deadline_period_min_us", "none of these"))
                .isInstanceOf(CpusetException.class)
                .hasMessageContaining("cannot write 'none of these' to /proc/sys/kernel/sched_deadline_period_min_us")
                .hasMessageMatching(".*(Invalid argument|Permission denied|Read-only file system); .*");
    }
}
