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
import io.ringfence.testing.Await;
import io.ringfence.vhostuser.frontend.EmbeddedGuest;
import io.ringfence.vhostuser.frontend.GuestOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
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
        List<Path> left = new ArrayList<>();
        Dataplane dataplane = Started.by(plan(), new RecordedEvents());
        try {
            Path partition = partitionOf(dataplane);
            left.add(Files.createDirectory(partition.resolve("in-the-way")));
            left.add(partition);
            assertThatExceptionOfType(SchedulingRefusedException.class).isThrownBy(dataplane::close);
            assertEndRecordedAndCountersRemoved(dataplane);
        } finally {
            for (Path each : left) {
                Files.deleteIfExists(each);
            }
            CpuPartition.removeStale();
        }
    }

    @Test
    void shouldGiveEverythingBackWhenASessionDoesNotEndInTime() throws Exception {
        CountDownLatch mayEnd = new CountDownLatch(1);
        RecordedEvents events = new RecordedEvents();
        Dataplane dataplane = Started.by(plan(), new EventLog() {
            @Override
            public void event(String vm, String what) {
                events.event(vm, what);
            }

            @Override
            public void warning(String vm, String what) {
                events.warning(vm, what);
            }

            // The session waits for it, as for memory that takes long to unmap.
            @Override
            public void detached(String vm, String reason) {
                Await.until("the session may end", () -> mayEnd.getCount() == 0);
            }
        });
        Path partition = partitionOf(dataplane);
        try (EmbeddedGuest guest = EmbeddedGuest.connect(folder.resolve("a"), GuestOptions.ofPairs(1))) {
            dataplane.close(Duration.ofMillis(200));
            assertThat(guest.session().peerClosed()).isTrue();
            assertThat(events.of("host")).last().asString().contains("have not ended within 200 ms");
            assertThat(partition).doesNotExist();
            assertThat(Proc.allowedCpus((int) ProcessHandle.current().pid())).isEqualTo(OnlineCpus.read());
            assertEndRecordedAndCountersRemoved(dataplane);
        } finally {
            mayEnd.countDown();
            dataplane.close();
        }
    }

    @Test
    void shouldGiveEverythingBackWhenAReloadGoesOnMeanwhile() throws Exception {
        Dataplane dataplane = Started.by(plan(), new RecordedEvents());
        Path partition = partitionOf(dataplane);
        synchronized (dataplane) {
            dataplane.close(Duration.ofMillis(200));
            assertThat(partition).doesNotExist();
            assertEndRecordedAndCountersRemoved(dataplane);
        }
        dataplane.close();
    }

    private AdmissionPlan plan() throws Exception {
        Configuration configuration = Configuration.parse("""
                host: { cpus: [1] }
                journal: { directory: %1$s/journal, retain: 16MiB }
                networks: [ { name: blue } ]
                vms:
                  - { name: alice, socket: %1$s/a, network: blue, reservation: { runtime: 100us, period: 1ms } }
                """.formatted(folder), "test.yaml");
        return new AdmissionPlan(configuration, Plans::costs, CpuLimit::read);
    }

    private static Path partitionOf(Dataplane dataplane) throws Exception {
        int worker = dataplane.workerThreads().getFirst().threadId();
        Path partition = CpusetHierarchy.detect().groupOf(worker).orElseThrow();
        assertThat(partition).exists();
        assertThat(partition.getFileName().toString()).contains("ringfence.");
        return partition;
    }

    private void assertEndRecordedAndCountersRemoved(Dataplane dataplane) throws Exception {
        assertThat(dataplane.counters().file()).doesNotExist();
        List<JournalRecord> entries = new ArrayList<>();
        JournalReader.read(folder.resolve("journal"), Instant.EPOCH, entries::add);
        assertThat(entries).filteredOn(JournalRecord.Stopped.class::isInstance).hasSize(1);
        assertThat(entries).last().isInstanceOf(JournalRecord.Stopped.class);
    }
}
