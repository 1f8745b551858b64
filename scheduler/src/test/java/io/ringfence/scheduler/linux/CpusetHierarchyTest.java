package io.ringfence.scheduler.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpusetHierarchyTest {
    @TempDir
    Path folder;

    @Test
    void shouldChooseVersion1WhereItHasTheController() throws Exception {
        assertThat(detect("""
                31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
                41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:9 - cgroup2 cgroup2 rw
                34 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset,cpu
                """)).isInstanceOf(CpusetV1.class);
    }

    @Test
    void shouldChooseVersion2WhereItHasTheController() throws Exception {
        Files.writeString(folder.resolve("cgroup.controllers"), "cpuset cpu io\n");
        assertThat(detect("35 24 0:30 / " + folder + " rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"))
                .isInstanceOf(CpusetV2.class);
    }

    @Test
    void shouldSayWhatIsMissing() throws Exception {
        assertThatThrownBy(() -> detect("23 1 8:1 / / rw - ext4 /dev/sda1 rw\n"))
                .hasMessageContaining("no cgroup file system is mounted");

        Files.writeString(folder.resolve("cgroup.controllers"), "cpu io\n");
        assertThatThrownBy(() -> detect("35 24 0:30 / " + folder + " rw - cgroup2 cgroup2 rw\n"))
                .hasMessageContaining("cgroup.controllers has 'cpu io'")
                .hasMessageContaining("CONFIG_CPUSETS");
    }

    private CpusetHierarchy detect(String mountInfo) throws Exception {
        Path file = folder.resolve("mountinfo");
        Files.writeString(file, mountInfo);
        return CpusetHierarchy.detect(file);
    }
}
