package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ringfence.scheduler.CpuPartition;
import io.ringfence.scheduler.HousekeepingAffinity;
import io.ringfence.scheduler.NativeThread;
import io.ringfence.scheduler.OnlineCpus;
import io.ringfence.scheduler.SchedulingRefusedException;
import io.ringfence.scheduler.linux.CpusetHierarchy;
import io.ringfence.scheduler.linux.Proc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That the CPUs come back, whatever is in the way. */
@RequiresDataplaneCpu
@Timeout(60)
class DataplaneCpusTest {
    @Test
    void shouldGiveTheAffinityBackWhenAPartitionCannotBeRemoved() throws Exception {
        int self = NativeThread.currentId();
        List<Path> left = new ArrayList<>();
        DataplaneCpus cpus = new DataplaneCpus();
        try {
            cpus.partition(List.of(1));
            assertThat(Proc.allowedCpus(self).get(1)).isFalse();
            cpus.partitionOf(1).orElseThrow().admit(self);
            Path partition = CpusetHierarchy.detect().groupOf(self).orElseThrow();
            left.add(Files.createDirectory(partition.resolve("in-the-way")));
            left.add(partition);
            assertThatExceptionOfType(SchedulingRefusedException.class).isThrownBy(cpus::close);
            assertThat(Proc.allowedCpus((int) ProcessHandle.current().pid())).isEqualTo(OnlineCpus.read());
        } finally {
            for (Path folder : left) {
                Files.deleteIfExists(folder);
            }
            cpus.close();
            CpuPartition.removeStale();
            HousekeepingAffinity.release();
        }
    }
}
