package io.ringfence.scheduler.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host with eight CPUs, which no test machine need have; what one CPU can show is in CpuPartitionTest. */
class CpusetV1Test {
    private static final Map<String, String> NEW = Map.of(
            "cpuset.cpus", "",
            "cpuset.mems", "",
            "cpuset.cpu_exclusive", "0",
            "cpuset.sched_load_balance", "1",
            "tasks", "");

    @TempDir
    Path root;

    private RecordedCgroups files;
    private CpusetV1 hierarchy;

    @BeforeEach
    void host() {
        files = new RecordedCgroups(root, NEW);
        files.existing(
                "",
                Map.of(
                        "cpuset.cpus", "0-7",
                        "cpuset.effective_mems", "0-1",
                        "cpuset.sched_load_balance", "1",
                        "release_agent", ""));
        hierarchy = new CpusetV1(files);
    }

    @Test
    void shouldKeepTheOtherCpusBalancedAndSwitchTheRootOffLast() throws Exception {
        Path partition = hierarchy.create(PartitionName.ofThisProcess(3));

        String name = partition.getFileName().toString();
        assertThat(files.operations)
                .containsExactly(
                        "mkdir ringfence.housekeeping",
                        "ringfence.housekeeping/cpuset.mems = 0-1",
                        "ringfence.housekeeping/cpuset.cpus = 0-2,4-7",
                        "mkdir " + name,
                        name + "/cpuset.mems = 0-1",
                        name + "/cpuset.cpus = 3",
                        name + "/cpuset.cpu_exclusive = 1",
                        "cpuset.sched_load_balance = 0");
    }

    @Test
    void shouldRestoreBalancingOnlyWithTheLastPartition() throws Exception {
        Path first = hierarchy.create(PartitionName.ofThisProcess(3));
        Path second = hierarchy.create(PartitionName.ofThisProcess(5));
        assertThat(root.resolve("ringfence.housekeeping/cpuset.cpus")).hasContent("0-2,4,6-7");

        hierarchy.remove(first);
        assertThat(root.resolve("ringfence.housekeeping/cpuset.cpus")).hasContent("0-4,6-7");
        assertThat(root.resolve("cpuset.sched_load_balance")).hasContent("0");

        hierarchy.remove(second);
        assertThat(root.resolve("cpuset.sched_load_balance")).hasContent("1");
        assertThat(root.resolve("ringfence.housekeeping")).doesNotExist();
    }

    @Test
    void shouldLeaveNoRebuildToTheBackgroundWhenItRemovesCpusets() throws Exception {
        Path partition = hierarchy.create(PartitionName.ofThisProcess(3));
        String name = partition.getFileName().toString();
        files.operations.clear();

        hierarchy.remove(partition);
        assertThat(files.operations)
                .containsExactly(
                        name + "/cpuset.sched_load_balance = 0",
                        "rmdir " + name,
                        "cpuset.sched_load_balance = 1",
                        "ringfence.housekeeping/cpuset.sched_load_balance = 0",
                        "rmdir ringfence.housekeeping");
    }

    @Test
    void shouldLeaveBalancingOffWhereItWasOff() throws Exception {
        Files.writeString(root.resolve("cpuset.sched_load_balance"), "0");

        hierarchy.remove(hierarchy.create(PartitionName.ofThisProcess(3)));
        assertThat(root.resolve("cpuset.sched_load_balance")).hasContent("0");
        assertThat(root.resolve("ringfence.housekeeping")).doesNotExist();
    }

    @Test
    void shouldRestoreBalancingAfterCrashBetweenAnyTwoSteps() throws Exception {
        // Killed after the housekeeping cpuset was made, and after balancing was switched off and the partition
        // removed.
        for (String balance : new String[] {"1", "0"}) {
            files.existing("ringfence.housekeeping", NEW);
            Files.writeString(root.resolve("cpuset.sched_load_balance"), balance);

            hierarchy.removeStale();
            assertThat(root.resolve("cpuset.sched_load_balance")).hasContent("1");
            assertThat(root.resolve("ringfence.housekeeping")).doesNotExist();
        }
    }

    @Test
    void shouldRemovePartitionWhosePidBelongsToAnotherProcessNow() throws Exception {
        var reused = new PartitionName(ProcessHandle.current().pid(), 1, 3);
        files.existing(reused.toString(), NEW);

        assertThat(hierarchy.removeStale()).containsExactly(reused);
    }

    @Test
    void shouldLeaveStalePartitionAloneWhileThreadsAreInIt() throws Exception {
        var busy = new PartitionName(ProcessHandle.current().pid(), 1, 3);
        files.existing(busy.toString(), NEW);
        files.existing(busy.toString(), Map.of("tasks", "4711", "cpuset.cpus", "3"));

        assertThat(hierarchy.removeStale()).isEmpty();
        assertThatThrownBy(() -> hierarchy.create(PartitionName.ofThisProcess(3)))
                .hasMessageContaining("CPU 3 is already in the cpuset")
                .hasMessageContaining("tasks [4711]");
    }

    @Test
    void shouldNameTheCpusetThatOverlaps() {
        files.existing("docker", NEW);
        files.existing("docker", Map.of("cpuset.cpus", "0-7"));

        assertThatThrownBy(() -> hierarchy.create(PartitionName.ofThisProcess(3)))
                .hasMessageContaining("CPU 3 is already in the cpuset " + root.resolve("docker") + " (CPUs 0-7");
        assertThat(files.operations).as("nothing was touched").isEmpty();
    }

    @Test
    void shouldRefuseContainersCpusetRoot() throws Exception {
        Files.delete(root.resolve("release_agent"));

        assertThatThrownBy(() -> hierarchy.create(PartitionName.ofThisProcess(3)))
                .hasMessageContaining("not the root of the cpuset hierarchy")
                .hasMessageContaining("on the host");
    }
}
