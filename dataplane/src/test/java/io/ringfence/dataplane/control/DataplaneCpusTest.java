package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ringfence.config.Configuration;
import io.ringfence.dataplane.admission.AdmissionPlan;
import io.ringfence.dataplane.admission.Plans;
import io.ringfence.dataplane.journal.JournalReader;
import io.ringfence.dataplane.journal.JournalRecord;
import io.ringfence.scheduler.CpuLimit;
import io.ringfence.scheduler.CpuPartition;
import io.ringfence.scheduler.HousekeepingAffinity;
import io.ringfence.scheduler.NativeThread;
import io.ringfence.scheduler.OnlineCpus;
import io.ringfence.scheduler.SchedulingRefusedException;
import io.ringfence.scheduler.linux.CpusetHierarchy;
import io.ringfence.scheduler.linux.Proc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** That the CPUs come back, whatever is in the way. */
@RequiresDataplaneCpu
@Timeout(60)
class DataplaneCpusTest {
    @TempDir
    private Path folder;

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

    @Test
    void shouldRecordTheEndAndRemoveTheCountersWhenAPartitionCannotBeRemoved() throws Exception {
        Configuration configuration = Configuration.parse("""
                host: { cpus: [1] }
                journal: { directory: %1$s/journal, retain: 16MiB }
                networks: [ { name: blue } ]
                vms:
                  - { name: alice, socket: %1$s/a, network: blue, reservation: { runtime: 100us, period: 1ms } }
                """.formatted(folder), "test.yaml");
        AdmissionPlan plan = new AdmissionPlan(configuration, Plans::costs, CpuLimit::read);
        List<Path> left = new ArrayList<>();
        Dataplane dataplane = Started.by(plan, new RecordedEvents());
        try {
            int worker = dataplane.workerThreads().getFirst().threadId();
            Path partition = CpusetHierarchy.detect().groupOf(worker).orElseThrow();
            left.add(Files.createDirectory(partition.resolve("in-the-way")));
            left.add(partition);
            assertThatExceptionOfType(SchedulingRefusedException.class).isThrownBy(dataplane::close);
            assertThat(dataplane.counters().file()).doesNotExist();
            List<JournalRecord> entries = new ArrayList<>();
            JournalReader.read(folder.resolve("journal"), Instant.EPOCH, entries::add);
            assertThat(entries).last().isInstanceOf(JournalRecord.Stopped.class);
        } finally {
            for (Path each : left) {
                Files.deleteIfExists(each);
            }
            CpuPartition.removeStale();
        }
    }
}
