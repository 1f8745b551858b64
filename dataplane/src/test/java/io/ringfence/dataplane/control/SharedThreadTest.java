package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.config.Configuration;
import io.ringfence.dataplane.admission.AdmissionPlan;
import io.ringfence.dataplane.admission.Plans;
import io.ringfence.dataplane.diagnosis.Diagnosis;
import io.ringfence.scheduler.CpuLimit;
import io.ringfence.vhostuser.frontend.EmbeddedGuest;
import io.ringfence.vhostuser.frontend.GuestOptions;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Ringfence is compared with: one polling thread for all VMs. */
@RequiresDataplaneCpu
class SharedThreadTest {
    private static final long ALICE = 0x0100_0000_0002L;
    private static final long BOB = 0x0200_0000_0002L;
    private static final int FRAMES = 200;

    @TempDir
    private Path folder;

    @Test
    void shouldCarryTheFramesOfAllVmsOnOneThread() throws Exception {
        Configuration configuration = Configuration.parse("""
                host: { cpus: [1], scheduling: other }
                networks: [ { name: blue } ]
                vms:
                  - { name: alice, socket: %1$s/alice.sock, network: blue, reservation: { runtime: 100us, period: 1ms } }
                  - { name: bob, socket: %1$s/bob.sock, network: blue, reservation: { runtime: 100us, period: 1ms } }
                """.formatted(folder), "test.yaml");
        RecordedEvents events = new RecordedEvents();
        try (Dataplane dataplane = Dataplane.start(
                configuration,
                wanted -> new AdmissionPlan(wanted, Plans::costs, CpuLimit::read),
                events,
                Set.of(Diagnosis.SHARED_THREAD))) {
            assertThat(dataplane.workerThreads())
                    .extracting(Dataplane.WorkerThread::threadId)
                    .hasSize(2)
                    .containsOnly(dataplane.workerThreads().getFirst().threadId());
            assertThat(dataplane.rung()).isEqualTo("other");
            for (int session = 0; session < 2; session++) {
                try (EmbeddedGuest alice = connect("alice");
                        EmbeddedGuest bob = connect("bob")) {
                    assertThat(Traffic.exchange(alice, ALICE, bob, BOB, FRAMES)).isEqualTo(FRAMES);
                    assertThat(Traffic.exchange(bob, BOB, alice, ALICE, FRAMES)).isEqualTo(FRAMES);
                }
            }
        }
        assertThat(events.of("alice")).noneMatch(line -> line.contains("did not end in time"));
        assertThat(events.of("host")).anyMatch(line -> line.contains("DIAGNOSIS `shared-thread` IS ON"));
    }

    private EmbeddedGuest connect(String vm) throws Exception {
        return EmbeddedGuest.connect(folder.resolve(vm + ".sock"), GuestOptions.ofPairs(1));
    }
}
