package io.ringfence.scheduler.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Against a recorded tree: it shows that the steps are those of cgroup-v2.rst. What a kernel makes of them is for {@code
 * CpuPartitionTest}, on a host with version 2.
 */
class CpusetV2Test {
    private static final Map<String, String> NEW = Map.of(
            "cgroup.type", "domain",
            "cgroup.threads", "",
            "cgroup.subtree_control", "",
            "cpuset.cpus", "",
            "cpuset.cpus.exclusive", "",
            "cpuset.cpus.partition", "member");

    /** What empties a list: of an empty text nothing would be written at all, and all would stay as it is. */
    private static final String NOTHING = "\n";

    @TempDir
    Path root;

    private RecordedCgroups files;
    private Path service;

    @BeforeEach
    void host() {
        files = new RecordedCgroups(root, NEW);
        files.existing(
                "",
                Map.of(
                        "cgroup.controllers", "cpuset cpu memory",
                        "cgroup.subtree_control", "memory",
                        "cpuset.cpus.effective", "0-7"));
        files.existing("system.slice", NEW);
        service = files.existing("system.slice/ringfence.service", NEW);
    }

    @Test
    void shouldMakeThreadedRemotePartitionBelowTheService() throws Exception {
        var hierarchy = new CpusetV2(files, service);
        Path partition = hierarchy.create(PartitionName.ofThisProcess(3));

        String slice = "system.slice";
        String own = slice + "/ringfence.service";
        String name = own + "/" + partition.getFileName();
        assertThat(files.operations)
                .containsExactly(
                        "cgroup.subtree_control = +cpuset",
                        slice + "/cgroup.subtree_control = +cpuset",
                        own + "/cgroup.subtree_control = +cpuset",
                        "mkdir " + name,
                        name + "/cgroup.type = threaded",
                        name + " noted ringfence.given: " + slice + " " + own,
                        slice + "/cpuset.cpus.exclusive = 3",
                        own + "/cpuset.cpus.exclusive = 3",
                        name + "/cpuset.cpus.exclusive = 3",
                        name + "/cpuset.cpus = 3",
                        name + "/cpuset.cpus.partition = root");
    }

    @Test
    void shouldGiveBackTheCpuWhenRemoved() throws Exception {
        var hierarchy = new CpusetV2(files, service);
        Files.writeString(root.resolve("system.slice/cpuset.cpus.exclusive"), "5");
        Path partition = hierarchy.create(PartitionName.ofThisProcess(3));
        assertThat(root.resolve("system.slice/cpuset.cpus.exclusive")).hasContent("3,5");

        files.operations.clear();
        hierarchy.remove(partition);
        assertThat(partition).doesNotExist();
        assertThat(files.operations)
                .as("no rebuild is left to the background")
                .startsWith(
                        root.relativize(partition) + "/cpuset.cpus.partition = member",
                        "rmdir " + root.relativize(partition));
        assertThat(root.resolve("system.slice/cpuset.cpus.exclusive")).hasContent("5");
    }

    @Test
    void shouldLeaveTheCpuWhereItWasExclusiveBefore() throws Exception {
        var hierarchy = new CpusetV2(files, service);
        Files.writeString(root.resolve("system.slice/cpuset.cpus.exclusive"), "3,5");
        var dead = new PartitionName(ProcessHandle.current().pid(), 1, 3);
        hierarchy.create(dead);
        assertThat(service.resolve("cpuset.cpus.exclusive")).hasContent("3");

        assertThat(hierarchy.removeStale()).as("as after a kill -9").containsExactly(dead);

        assertThat(service.resolve("cpuset.cpus.exclusive")).hasContent(NOTHING);
        assertThat(root.resolve("system.slice/cpuset.cpus.exclusive")).hasContent("3,5");

        hierarchy.remove(hierarchy.create(PartitionName.ofThisProcess(3)));
        assertThat(root.resolve("system.slice/cpuset.cpus.exclusive")).hasContent("3,5");
    }

    @Test
    void shouldSayWhoHasTheCpu() {
        Path other = files.existing(
                "machine.slice", Map.of("cpuset.cpus.partition", "isolated", "cpuset.cpus.effective", "8-9"));

        assertThatThrownBy(() -> new CpusetV2(files, service).create(PartitionName.ofThisProcess(9)))
                .isInstanceOf(CpuTakenException.class)
                .hasMessageContaining("CPU 9 is already in the cpuset " + other + " (CPUs 8-9");
    }

    @Test
    void shouldLeaveACpuToTheHost() {
        files.existing("", Map.of("cpuset.cpus.effective", "3"));

        assertThatThrownBy(() -> new CpusetV2(files, service).create(PartitionName.ofThisProcess(3)))
                .hasMessageContaining("CPU 3 is the last one outside partitions");
    }

    @Test
    void shouldMoveThreadsThroughTheThreadsFile() throws Exception {
        var hierarchy = new CpusetV2(files, service);
        Path partition = hierarchy.create(PartitionName.ofThisProcess(3));

        hierarchy.move(4711, partition);
        assertThat(hierarchy.threadsIn(partition)).containsExactly(4711);
    }

    @Test
    void shouldReportWhyTheKernelRefusesAndLeaveNothing() {
        files.partitionState = "root invalid (Cpu list in cpuset.cpus not exclusive)";

        assertThatThrownBy(() -> new CpusetV2(files, service).create(PartitionName.ofThisProcess(3)))
                .hasMessageContaining("reads 'root invalid (Cpu list in cpuset.cpus not exclusive)', expected 'root'");
        assertThat(service).isDirectoryNotContaining("glob:**/ringfence.*.cpu3");
        assertThat(service.resolve("cpuset.cpus.exclusive")).hasContent(NOTHING);
    }

    @Test
    void shouldSayWhatToDoBeforeLinux67() throws Exception {
        Files.delete(root.resolve("system.slice/cpuset.cpus.exclusive"));

        assertThatThrownBy(() -> new CpusetV2(files, service).create(PartitionName.ofThisProcess(3)))
                .hasMessageContaining("before Linux 6.7")
                .hasMessageContaining("cgroup.procs");
    }

    @Test
    void shouldRemovePartitionsOfDeadProcessesWhereverTheyAre() throws Exception {
        var dead = new PartitionName(ProcessHandle.current().pid(), 1, 3);
        Path other = files.existing("system.slice/other.service", NEW);
        files.existing("system.slice/other.service/" + dead, NEW);
        files.existing("system.slice/other.service", Map.of("cpuset.cpus.exclusive", "3"));

        assertThat(new CpusetV2(files, service).removeStale()).containsExactly(dead);
        assertThat(other.resolve("cpuset.cpus.exclusive")).hasContent(NOTHING);
    }
}
