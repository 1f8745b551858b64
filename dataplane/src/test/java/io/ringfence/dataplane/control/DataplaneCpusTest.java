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
import io.ringfence.scheduler.SchedulingAttributes.Policy;
import io.ringfence.scheduler.SchedulingRefusedException;
import io.ringfence.scheduler.ThreadScheduling;
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
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** That the CPUs come back, whatever is in the way. */
@RequiresDataplaneCpu
@Timeout(60)
class DataplaneCpusTest {
    private static final String BOB =
            "  - { name: bob, socket: %1$s/b, network: blue, reservation: { runtime: 100us, period: 1ms } }\n";

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

    @Test
    void shouldGiveWorkersNothingWhenAReloadIsLaterThanTheEnd() throws Exception {
        Dataplane dataplane = Started.by(plan(), new RecordedEvents());
        int alice = dataplane.workerThreads().getFirst().threadId();
        assertThat(ThreadScheduling.read(alice).policy()).isEqualTo(Policy.DEADLINE);
        synchronized (dataplane) {
            dataplane.close(Duration.ofMillis(200));
            // One that grows, and one that comes.
            for (Configuration next : List.of(configuration("200us", ""), configuration("100us", BOB))) {
                assertThatExceptionOfType(DataplaneEndedException.class).isThrownBy(() -> dataplane.reload(next));
                assertThat(ThreadScheduling.read(alice).policy()).isEqualTo(Policy.OTHER);
            }
            assertThat(Proc.allowedCpus(alice)).isEqualTo(OnlineCpus.read());
        }
        dataplane.close();
    }

    @Test
    void shouldTellOneEventWhenAReloadIsLaterThanTheEnd() throws Exception {
        RecordedEvents events = new RecordedEvents();
        AtomicBoolean reloads = new AtomicBoolean();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch mayGoOn = new CountDownLatch(1);
        Dataplane dataplane = Started.by(
                new AdmissionPlan(configuration("100us", ""), Plans::costs, cpu -> {
                    if (reloads.get()) {
                        begun.countDown();
                        Await.until("the reload may go on", () -> mayGoOn.getCount() == 0);
                    }
                    return CpuLimit.read(cpu);
                }),
                events);
        reloads.set(true);
        Configuration smaller = configuration("50us", "");
        try (Reloader reloader = Reloader.start(dataplane, () -> smaller)) {
            reloader.request();
            Await.until("the reload has begun", () -> begun.getCount() == 0);
            int toldBefore = events.of("host").size();
            dataplane.close(Duration.ofMillis(200));
            mayGoOn.countDown();
            Await.until("it has ended", () -> events.of("host").getLast().contains("not reloaded: "));
            dataplane.close();
            assertThat(events.of("host").subList(toldBefore, events.of("host").size()))
                    .hasSize(2)
                    .last()
                    .asString()
                    .contains("Ringfence is ending");
        }
    }

    private AdmissionPlan plan() throws Exception {
        return new AdmissionPlan(configuration("100us", ""), Plans::costs, CpuLimit::read);
    }

    /** Of alice with a runtime, and of others. */
    private Configuration configuration(String runtime, String others) throws Exception {
        return Configuration.parse(("""
                host: { cpus: [1] }
                journal: { directory: %1$s/journal, retain: 16MiB }
                networks: [ { name: blue } ]
                vms:
                  - { name: alice, socket: %1$s/a, network: blue, reservation: { runtime: %2$s, period: 1ms } }
                """ + others).formatted(folder, runtime), "test.yaml");
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
